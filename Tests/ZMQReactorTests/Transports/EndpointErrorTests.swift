import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Every invalid endpoint is refused at once, by an error with the endpoint and the reason.
@Suite struct EndpointErrorTests {
    private func expect(
        _ string: String,
        _ code: ZMQError.Code,
        _ reason: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: ZMQError.self, sourceLocation: sourceLocation) { try Endpoint(string) }
        guard let error else { return }
        #expect(error.code == code, sourceLocation: sourceLocation)
        #expect(error.endpoint == string, sourceLocation: sourceLocation)
        #expect(error.message.contains(reason), "\(error)", sourceLocation: sourceLocation)
    }

    @Test func TOP28_noScheme() {
        for string in ["", "localhost", "localhost:5555", "tcp:", "tcp:/", "tcp:/host:1", "//host:1", "/tmp/x.ipc"] {
            expect(string, .invalidArgument, "scheme is missing")
        }
        expect("://host:1", .invalidArgument, "not a scheme")
        expect(" tcp://host:1", .invalidArgument, "not a scheme")
        expect("tcp\u{301}://host:1", .invalidArgument, "not a scheme")
    }

    @Test func TOP28_unknownScheme() {
        for scheme in ["http", "TCP", "tcp6", "foo"] {
            expect("\(scheme)://host:1", .protocolNotSupported, "unknown scheme \"\(scheme)\"")
        }
    }

    @Test func unsupportedTransport() {
        for scheme in ["norm", "vmci", "tipc"] {
            expect("\(scheme)://eth0;239.0.0.1:5555", .protocolNotSupported, "transport \(scheme) is not supported")
        }
    }

    #if !Multicast
        @Test func multicastNeedsItsTrait() {
            for scheme in ["pgm", "epgm"] {
                expect("\(scheme)://eth0;239.192.1.1:5555", .protocolNotSupported, "enable the trait 'Multicast'")
            }
        }
    #endif

    @Test func TOP28_emptyAddress() {
        for scheme in ["tcp", "ipc", "inproc"] {
            expect("\(scheme)://", .invalidArgument, "address after \(scheme):// is missing")
        }
        expect("ipc://@", .invalidArgument, "abstract name")
    }

    @Test func TOP28_emptyHost() {
        expect("tcp://:5555", .invalidArgument, "the host is missing")
        expect("tcp://[]:5555", .invalidArgument, "not an IPv6 address")
        expect("tcp://.:5555", .invalidArgument, "not a host name")
    }

    @Test func TOP28_missingPort() {
        for string in ["tcp://host", "tcp://host:", "tcp://[::1]", "tcp://[::1]:", "tcp://*"] {
            expect(string, .invalidArgument, "the port is missing")
        }
    }

    @Test func TOP28_portAbove65535() {
        for port in ["65536", "99999", "4294967296", "18446744073709551616"] {
            expect("tcp://host:\(port)", .invalidArgument, "port \(port) is above 65535")
        }
    }

    @Test func TOP28_portNotANumber() {
        for port in ["http", "-1", "+1", "0x50", "5555/", "5555/path", "5555?x", "5555,", "1.5", "**", "٣"] {
            expect("tcp://host:\(port)", .invalidArgument, "\"\(port)\" is not a number")
        }
    }

    @Test func TOP28_whiteSpaceAndControlCharacters() {
        for string in ["tcp:// host:1", "tcp://host:1 ", "tcp://host :1", "tcp://ho\tst:1", "tcp://host:1\n"] {
            expect(string, .invalidArgument, "white space")
        }
        for string in ["tcp://host:1\0", "ipc:///tmp/a\0b", "inproc://a\0", "\0"] {
            expect(string, .invalidArgument, "NUL")
        }
    }

    @Test func TOP28_badHosts() {
        for host in ["1.2.3", "1.2.3.4.5", "256.1.1.1", "127.1", "5"] {
            expect("tcp://\(host):1", .invalidArgument, "not an IPv4 address")
        }
        for host in ["a/b", "user@host", "a?b", "a,b", "a*"] {
            expect("tcp://\(host):1", .invalidArgument, "characters no host name can have")
        }
        for host in ["a..b", ".a", String(repeating: "a", count: 64), String(repeating: "a.", count: 128)] {
            expect("tcp://\(host):1", .invalidArgument, "not a host name")
        }
        expect("tcp://münchen.example:1", .invalidArgument, "xn--")
    }

    @Test func TOP28_badIPv6() {
        expect("tcp://::1:5555", .invalidArgument, "brackets")
        expect("tcp://a:1:2", .invalidArgument, "brackets")
        expect("tcp://[::1:5555", .invalidArgument, "] after the host")
        expect("tcp://[::1]5555", .invalidArgument, "can follow the ]")
        expect("tcp://[::1]x:5555", .invalidArgument, "can follow the ]")
        expect("tcp://[host]:5555", .invalidArgument, "not an IPv6 address")
        expect("tcp://[\u{301}::1]:5555", .invalidArgument, "not an IPv6 address")
        expect("tcp://[1.2.3.4]:5555", .invalidArgument, "not an IPv6 address")
        expect("tcp://[fe80::1%]:5555", .invalidArgument, "scope")
        expect("tcp://[fe80::1%a%b]:5555", .invalidArgument, "scope")
    }

    @Test func TOP28_badSourceAddress() {
        expect("tcp://;host:1", .invalidArgument, "the source port is missing")
        expect("tcp://eth0;host:1", .invalidArgument, "the source port is missing")
        expect("tcp://:1;host:1", .invalidArgument, "the source host is missing")
        expect("tcp://eth0:70000;host:1", .invalidArgument, "the source port 70000 is above 65535")
        expect("tcp://eth0:0;", .invalidArgument, "the port is missing")
        expect("tcp://eth0:0;a:1;b:2", .invalidArgument, "more than one source")
    }

    @Test func usesAreCheckedWithTheEndpointNamed() {
        for string in ["tcp://*:5555", "tcp://host:*", "ipc://*"] {
            let error = #expect(throws: ZMQError.self) { try Endpoint(string).validateForConnecting() }
            #expect(error?.code == .invalidArgument)
            #expect(error?.endpoint == string)
        }
        let error = #expect(throws: ZMQError.self) { try Endpoint("tcp://a:1;b:2").validateForBinding() }
        #expect(error?.endpoint == "tcp://a:1;b:2")
    }

    @Test func errorsNameTheEndpointAsItWasWritten() throws {
        try withScene { scene in
            let pull = try scene.pull()
            for string in ["tcp://127.0.0.1:0", "tcp://127.0.0.1:00", "tcp://[0:0::0:1]:*"] {
                #expect(#expect(throws: ZMQError.self) { try pull.connect(string) }?.endpoint == string)
            }
            let bound = try pull.bind(anyPort)
            let same = "tcp://127.0.0.1:0" + bound.dropFirst("tcp://127.0.0.1:".count)
            let taken = #expect(throws: ZMQError.self) { try pull.bind(same) }
            #expect(taken?.code == .addressInUse)
            #expect(taken?.endpoint == same)
        }
    }
}
