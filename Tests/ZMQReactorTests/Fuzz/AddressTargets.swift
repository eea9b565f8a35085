import ZMQReactorTestSupport

@testable import ZMQReactor

/// An endpoint: an accepted one has a canonical form, which is accepted again and means the same.
let fuzzEndpoint: @Sendable ([UInt8]) -> String? = { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    do throws(ZMQError) {
        let endpoint = try Endpoint(text)
        guard let again = try? Endpoint(endpoint.description) else { return "\(endpoint) is refused" }
        if again != endpoint || again.description != endpoint.description { return "\(endpoint) becomes \(again)" }
        _ = try? endpoint.validateForBinding()
        _ = try? endpoint.validateForConnecting()
        return nil
    } catch {
        return error.description.isEmpty ? "refused without a word" : nil
    }
}

/// A SOCKS proxy's replies: every step requests some bytes, and there are few steps.
///
/// Input: which target, whether there are a user and a password; then the proxy's bytes.
let fuzzSocks: @Sendable ([UInt8]) -> String? = { bytes in
    var input = FuzzInput(bytes)
    let endpoint = input.choice(["tcp://1.2.3.4:5", "tcp://[fe80::1%lo]:5", "tcp://host.example:65535", "tcp://a:1"])
    let hasCredentials = input.byte() & 1 != 0
    guard let tcp = try? Endpoint(endpoint).address as? TCPEndpoint else { return "\(endpoint) is refused" }
    var client = SocksClient(
        target: tcp.target,
        credentials: hasCredentials ? .init(user: "user", password: Password("password")) : nil
    )
    var step = client.start()
    for _ in 0..<5 {
        let wanted: Int
        switch step {
        case .read(let count): wanted = count
        case .send(let request, let count):
            if request.isEmpty || request.count > 600 { return "a request of \(request.count) bytes" }
            wanted = count
        case .done: return nil
        case .failed(let reason): return reason.isEmpty ? "failed without a word" : nil
        }
        if !(1...300).contains(wanted) { return "wants \(wanted) bytes" }
        let answer = input.bytes(wanted)
        guard answer.count == wanted else { return nil }
        step = client.receive(answer)
    }
    return "goes on and on"
}
