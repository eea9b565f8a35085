import ZMQReactorTesting

@testable import ZMTP

extension Example {
    static let legacy: [Example] = [
        Example(
            testDescription: "1.0 PUSH to PULL",
            configuration: .accepting(.pull, legacy: true),
            input: hex("01 00") + Wire.message1("a") + Wire.message1("", "b", "") + Wire.message1([Wire.zeros(253)])
                + Wire.message1([Wire.zeros(254), [1], Wire.zeros(255), [2], Wire.zeros(300)])
                + Wire.message1([[1], [], [3]], long: true) + [0, 0] + Wire.message1("c")
        ),
        Example(
            testDescription: "1.0 REQ to ROUTER, a long identity",
            configuration: .connecting(.router, identity: [1, 2], legacy: true),
            input: Wire.frame1(Wire.zeros(255)) + Wire.message1("", "q") + Wire.frame1(more: true, []) + [0]
                + Wire.frame1(more: true, [7], long: true) + [0] + Wire.message1("r")
        ),
        Example(
            testDescription: "1.0 XPUB, subscriptions",
            configuration: .accepting(.xpub, legacy: true),
            input: Wire.frame1([0x69, 0x64], long: true) + Wire.message1([[1, 0x41]])
        ),
        Example(
            testDescription: "2.0 SUB to PUB",
            configuration: .accepting(.pub, legacy: true),
            input: Wire.greeting2(type: 2) + Wire.message([[1, 0x41]]) + Wire.message([[0, 0x41]])
                + Wire.message([[1] + Wire.zeros(255)])
        ),
        Example(
            testDescription: "2.0 DEALER to ROUTER",
            configuration: .accepting(.router, identity: [9], legacy: true),
            input: Wire.greeting2(type: 5, identity: [0x69, 0x64]) + Wire.message("", "q") + Wire.message("r")
        ),
        Example(
            testDescription: "2.0, a command behind a message",
            configuration: .accepting(.pull, legacy: true),
            input: Wire.greeting2(type: 8) + Wire.message("a") + Wire.ping() + Wire.message("b")
        ),
        Example(
            testDescription: "1.0, reserved flags behind a message",
            configuration: .accepting(.pull, legacy: true),
            input: hex("01 00") + Wire.message1("a") + hex("02 80 41")
        ),
        Example(
            testDescription: "3.1 to a peer open to older versions",
            configuration: .accepting(.pull, legacy: true),
            input: Wire.greeting() + Wire.ready(.push) + Wire.message("a") + Wire.ping("p") + Wire.message("b", "c")
        ),
        Example(
            testDescription: "2.0, the wrong type",
            configuration: .accepting(.pull, legacy: true),
            input: Wire.greeting2(type: 1) + Wire.message("ignored")
        ),
        Example(
            testDescription: "HTTP",
            configuration: .accepting(.rep, legacy: true),
            input: Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
        ),
    ]
}
