import Testing

@testable import ZMQReactor

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct ZMQErrorTests {
    @Test func everyCodeHasItsSymbolicName() {
        let names: [(ZMQError.Code, String)] = [
            (.invalidArgument, "EINVAL"), (.addressInUse, "EADDRINUSE"), (.addressNotAvailable, "EADDRNOTAVAIL"),
            (.noSuchDevice, "ENODEV"), (.nameTooLong, "ENAMETOOLONG"), (.protocolNotSupported, "EPROTONOSUPPORT"),
            (.noSuchEndpoint, "ENOENT"), (.wrongState, "EFSM"), (.notSupported, "ENOTSUP"),
            (.hostUnreachable, "EHOSTUNREACH"), (.terminated, "ETERM"), (.closed, "ENOTSOCK"),
            (.noIOThread, "EMTHREAD"), (.messageTooLong, "EMSGSIZE"), (.permissionDenied, "EACCES"),
            (.tooManyDescriptors, "EMFILE"), (.incompatibleProtocol, "ENOCOMPATPROTO"), (.timedOut, "ETIMEDOUT"),
            (.wouldBlock, "EAGAIN"),
            (.cancelled, "ECANCELED"), (.system(EPIPE), "EPIPE"), (.system(9999), "errno 9999"),
        ]
        for (code, name) in names {
            #expect(code.errnoName == name)
            #expect("\(code)" == name)
        }
        #expect(Set(names.map(\.0)).count == names.count)
    }

    @Test func errnoOfANamedCodeIsThatCode() {
        #expect(ZMQError.Code.system(EADDRINUSE) == .addressInUse)
        #expect(ZMQError.Code.system(EPERM) == .permissionDenied)
        #expect(ZMQError.Code.system(ENFILE) == .tooManyDescriptors)
        #expect(ZMQError.Code.system(EPIPE) == .system(EPIPE))
        #expect(ZMQError.Code.system(EPIPE) != .system(EIO))
    }

    @Test func descriptionNamesEndpointAndOption() {
        let plain = ZMQError.wrongState("a reply is expected first")
        #expect("\(plain)" == "EFSM: a reply is expected first")

        let endpoint = ZMQError.system(EADDRINUSE, doing: "bind", endpoint: "tcp://*:5555")
        #expect("\(endpoint)" == "EADDRINUSE: cannot bind: Address already in use (endpoint \"tcp://*:5555\")")

        let option = ZMQError.badOption("sendHighWaterMark", value: -1, expected: "0 or more")
        #expect(
            "\(option)"
                == "EINVAL: sendHighWaterMark must be 0 or more, not -1 (option sendHighWaterMark)"
        )
    }

    @Test func descriptionStaysOnOneLine() {
        let error = ZMQError.badEndpoint("tcp://a\nb\0:1", "bad")
        #expect("\(error)" == #"EINVAL: bad (endpoint "tcp://a\nb\0:1")"#)
    }
}
