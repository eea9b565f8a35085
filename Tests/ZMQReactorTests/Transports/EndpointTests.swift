import Testing

@testable import ZMQReactor

/// The parsed form of valid endpoint strings.
@Suite struct EndpointTests {
    @Test func tcpHosts() throws {
        let scope = IPv6Address(high: 0xFE80_0000_0000_0000, low: 1)
        let hosts: [(String, TCPHost)] = [
            ("tcp://127.0.0.1:5555", .ipv4(IPv4Address(bits: 0x7F00_0001))),
            ("tcp://*:5555", .any),
            ("tcp://[::1]:5555", .ipv6(IPv6Address(high: 0, low: 1), scope: nil)),
            ("tcp://[fe80::1%eth0]:5555", .ipv6(scope, scope: "eth0")),
            ("tcp://[fe80::1%2]:5555", .ipv6(scope, scope: "2")),
            ("tcp://eth0:5555", .name("eth0")),
            ("tcp://br-lan.100:5555", .name("br-lan.100")),
            ("tcp://server_1.example.com.:5555", .name("server_1.example.com.")),
        ]
        for (string, host) in hosts {
            let expected = TCPEndpoint(target: TCPAddress(host: host, port: 5555), source: nil)
            #expect(try Endpoint(string) == .tcp(expected))
            #expect(try Endpoint(string).description == string)
        }
    }

    @Test func hostNameInConnect() throws {
        let endpoint = try Endpoint("tcp://localhost:5555")
        #expect(endpoint == .tcp(TCPEndpoint(target: TCPAddress(host: .name("localhost"), port: 5555))))
        try endpoint.validateForConnecting()
    }

    @Test func wildcardHostIsForBinding() throws {
        let endpoint = try Endpoint("tcp://*:5555")
        try endpoint.validateForBinding()
        #expect(#expect(throws: ZMQError.self) { try endpoint.validateForConnecting() }?.code == .invalidArgument)
    }

    @Test(arguments: ["tcp://*:*", "tcp://*:0", "tcp://*:00"])
    func ephemeralPortIsForBinding(string: String) throws {
        let endpoint = try Endpoint(string)
        #expect(endpoint == .tcp(TCPEndpoint(target: TCPAddress(host: .any, port: 0))))
        #expect(endpoint.description == "tcp://*:*")
        try endpoint.validateForBinding()
        #expect(
            #expect(throws: ZMQError.self) { try Endpoint("tcp://localhost:0").validateForConnecting() }?.code
                == .invalidArgument
        )
    }

    @Test(arguments: [("1", 1), ("80", 80), ("00080", 80), ("65535", 65535)])
    func ports(text: String, port: UInt16) throws {
        let endpoint = try Endpoint("tcp://a:\(text)")
        #expect(endpoint == .tcp(TCPEndpoint(target: TCPAddress(host: .name("a"), port: port))))
        try endpoint.validateForBinding()
        try endpoint.validateForConnecting()
    }

    @Test func sourceAddressIsForConnecting() throws {
        let endpoint = try Endpoint("tcp://eth1:0;[::1]:5555")
        let source = TCPAddress(host: .name("eth1"), port: 0)
        let target = TCPAddress(host: .ipv6(IPv6Address(high: 0, low: 1), scope: nil), port: 5555)
        #expect(endpoint == .tcp(TCPEndpoint(target: target, source: source)))
        #expect(endpoint.description == "tcp://eth1:*;[::1]:5555")
        try endpoint.validateForConnecting()
        #expect(#expect(throws: ZMQError.self) { try endpoint.validateForBinding() }?.code == .invalidArgument)
    }

    @Test func ipv6IsWrittenInShortForm() throws {
        #expect(try Endpoint("tcp://[2001:0DB8:0:0:0:0:0:01]:9").description == "tcp://[2001:db8::1]:9")
        #expect(try Endpoint("tcp://[::ffff:1.2.3.4]:9").description == "tcp://[::ffff:1.2.3.4]:9")
    }

    @Test func ipc() throws {
        let endpoints: [(String, IPCEndpoint)] = [
            ("ipc:///tmp/a.ipc", .path("/tmp/a.ipc")),
            ("ipc://feed.ipc", .path("feed.ipc")),
            ("ipc://./@name", .path("./@name")),
            ("ipc://with space:and;more", .path("with space:and;more")),
            ("ipc://@name", .abstract("name")),
            ("ipc://*", .wildcard),
        ]
        for (string, expected) in endpoints {
            let endpoint = try Endpoint(string)
            #expect(endpoint == .ipc(expected))
            #expect(endpoint.description == string)
            try endpoint.validateForBinding()
        }
        try Endpoint("ipc://feed.ipc").validateForConnecting()
        #expect(
            #expect(throws: ZMQError.self) { try Endpoint("ipc://*").validateForConnecting() }?.code == .invalidArgument
        )
    }

    @Test func TRN08_longestPathHas107Bytes() throws {
        for first in ["/", "@"] {
            let longest = first + String(repeating: "x", count: 106)
            #expect(try Endpoint("ipc://" + longest).description == "ipc://" + longest)
            let error = #expect(throws: ZMQError.self) { try Endpoint("ipc://" + longest + "x") }
            #expect(error?.code == .nameTooLong)
        }
        let error = #expect(throws: ZMQError.self) { try Endpoint("ipc:///" + String(repeating: "é", count: 54)) }
        #expect(error?.code == .nameTooLong)
    }

    @Test func inproc() throws {
        let endpoint = try Endpoint("inproc://any name: at/all#1")
        #expect(endpoint == .inproc("any name: at/all#1"))
        #expect(endpoint.description == "inproc://any name: at/all#1")
        try endpoint.validateForBinding()
        try endpoint.validateForConnecting()

        let longest = String(repeating: "n", count: 256)
        #expect(try Endpoint("inproc://" + longest) == .inproc(longest))
        let error = #expect(throws: ZMQError.self) { try Endpoint("inproc://n" + longest) }
        #expect(error?.code == .nameTooLong)
    }
}
