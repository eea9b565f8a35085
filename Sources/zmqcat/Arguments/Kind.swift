import ArgumentParser

/// The types of sockets, by the names they have on the command line.
enum Kind: String, CaseIterable, ExpressibleByArgument, Sendable {
    case req, rep, dealer, router, pub, sub, xpub, xsub, push, pull, pair, stream

    /// Whether lines of standard input are sent.
    var canSend: Bool { self != .pull && self != .sub }

    /// Whether messages arrive, and are printed.
    var canReceive: Bool { self != .push && self != .pub }

    /// Whether it can answer every message with itself.
    var canEcho: Bool { [.rep, .router, .dealer, .pair, .stream].contains(self) }
}
