import ZMQReactorTestSupport

@testable import ZMQReactor

/// The publisher's tree of subscriptions against the naive model.
///
/// Input: steps, each a byte (2 bits for the operation, 2 for the subscriber, the rest for the length of the topic) and
/// the topic.
let fuzzSubscriptionTree: @Sendable ([UInt8]) -> String? = { bytes in
    var input = FuzzInput(bytes)
    var tree = SubscriptionTree(seed: 1)
    var model = NaiveSubscriptions()
    while !input.rest.isEmpty {
        let step = input.byte()
        let subscriber = Int(step >> 2 & 3)
        let topic = input.bytes(Int(step >> 4))
        switch step & 3 {
        case 0:
            let (isNew, isFirst) = model.insert(topic, subscriber)
            if tree.insert(topic, subscriber) != .init(isNew: isNew, isFirst: isFirst) { return "insert \(topic)" }
        case 1:
            let (existed, wasLast) = model.remove(topic, subscriber)
            if tree.remove(topic, subscriber) != .init(existed: existed, wasLast: wasLast) { return "remove \(topic)" }
        case 2:
            if tree.matches(topic) != model.matches(topic) { return "match \(topic)" }
        default:
            if tree.removeAllReported(of: subscriber) != model.removeAll(of: subscriber) {
                return "leave \(subscriber)"
            }
        }
    }
    if tree.all() != model.topics { return "\(tree.all()), not \(model.topics)" }
    return nil
}
