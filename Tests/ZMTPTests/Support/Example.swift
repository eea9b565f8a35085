import Testing
import ZMQReactorTesting

@testable import ZMTP

/// A complete session of one peer, for tests that split or damage it.
struct Example: CustomTestStringConvertible {
    let testDescription: String
    let configuration: Engine.Configuration
    let input: [UInt8]

    static let all = current + legacy

    static let credentials = PlainCredentials(username: Array("admin".utf8), password: Password("secret"))

    static let current: [Example] = [
        Example(
            testDescription: "PUSH 3.1 to PULL",
            configuration: .accepting(.pull),
            input: Wire.greeting() + Wire.ready(.push) + Wire.message("a") + Wire.message("", "b", "")
                + Wire.message([Wire.zeros(300), [1]]) + Wire.ping("ctx", timeToLive: 10) + Wire.message("c")
        ),
        Example(
            testDescription: "PUSH 3.0 to PULL",
            configuration: .connecting(.pull),
            input: Wire.greeting(minor: 0) + Wire.ready(.push) + Wire.message("a") + Wire.message("b")
        ),
        Example(
            testDescription: "DEALER to ROUTER, commands between frames",
            configuration: .accepting(.router, identity: [1]),
            input: Wire.greeting() + Wire.ready(.dealer, identity: [0x69, 0x64]) + Wire.frame(flags: 1, [])
                + Wire.ping("1") + Wire.frame(flags: 1, Wire.zeros(40)) + Wire.pong("2") + Wire.command("X", [1])
                + Wire.ping("3") + Wire.frame(flags: 1, [7], long: true) + Wire.frame(flags: 0, [8]) + Wire.pong("4")
                + Wire.message("after")
        ),
        Example(
            testDescription: "XSUB to XPUB",
            configuration: .accepting(.xpub),
            input: Wire.greeting() + Wire.ready(.xsub) + Wire.command("SUBSCRIBE", [0x41]) + Wire.message([[1, 0x42]])
                + Wire.command("SUBSCRIBE") + Wire.command("CANCEL", [0x41], long: true) + Wire.message("x", "y")
                + Wire.command("SUBSCRIBE", Wire.zeros(255))
        ),
        Example(
            testDescription: "a refusal",
            configuration: .connecting(.req),
            input: Wire.greeting() + Wire.error("no") + Wire.message("ignored")
        ),
        Example(
            testDescription: "the wrong type",
            configuration: .accepting(.rep),
            input: Wire.greeting() + Wire.ready(.push) + Wire.message("ignored")
        ),
        Example(
            testDescription: "a broken frame behind a message",
            configuration: .accepting(.pair),
            input: Wire.greeting() + Wire.ready(.pair) + Wire.message("a") + Wire.frame(flags: 1, [1]) + Wire.ping("p")
                + [0x0D, 0x00]
        ),
        Example(
            testDescription: "an old peer",
            configuration: .accepting(.pair),
            input: Wire.greeting(major: 1) + Wire.zeros(10)
        ),
        Example(
            testDescription: "another mechanism",
            configuration: .connecting(.pair),
            input: Wire.greeting(mechanism: "PLAIN") + Wire.ready(.pair)
        ),
    ]
}
