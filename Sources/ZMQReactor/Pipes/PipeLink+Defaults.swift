// What is of use only to a link that has the other end's queue in reach, or has not.
extension PipeLink {
    func taken(_ count: Int) {}
    var countsTaken: Bool { false }
    func outboundIsLarge() {}
    func giveUp(afterWriting: Bool) { close(afterSending: false) }
    func refreshRoom() {}
}
