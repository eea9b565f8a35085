import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

@Suite struct UDPEndpointTests {
    @Test(
        "UDP-4: endpoints of udp",
        arguments: [
            "udp://127.0.0.1:5555", "udp://*:5555", "udp://*:*", "udp://eth0:5555", "udp://239.192.1.1:5555",
            "udp://eth0;239.192.1.1:5555", "udp://192.168.1.2;224.0.0.1:1", "udp://[::1]:5555", "udp://[ff02::1]:5555",
            "udp://eth0;[ff02::1]:5555", "udp://[fe80::1];[ff05::1]:65535",
        ]
    )
    func valid(string: String) throws {
        let endpoint = try Endpoint(string)
        #expect("\(endpoint)" == string)
        #expect(try Endpoint("\(endpoint)") == endpoint)
        try endpoint.validateForBinding()
    }

    @Test("any interface is the same as none, and tcp is another transport") func equality() throws {
        #expect(try Endpoint("udp://*;239.192.1.1:5555") == Endpoint("udp://239.192.1.1:5555"))
        #expect(try Endpoint("udp://eth0;239.192.1.1:5555") != Endpoint("udp://eth1;239.192.1.1:5555"))
        #expect(try Endpoint("udp://127.0.0.1:5555") != Endpoint("tcp://127.0.0.1:5555"))
    }

    @Test(
        "TOP-28: what is wrong with an endpoint is said",
        arguments: [
            ("udp://127.0.0.1", "port is missing"), ("udp://127.0.0.1:", "port is missing"),
            ("udp://127.0.0.1:70000", "70000 is above 65535"), ("udp://:5555", "host is missing"),
            ("udp://127.0.0 .1:5555", "white space"), ("udp://300.0.0.1:5555", "not an IPv4 address"),
            ("udp://eth0;127.0.0.1:5555", "multicast group follows a network interface, and 127.0.0.1 is none"),
            ("udp://eth0;host:5555", "multicast group"), ("udp://eth0;*:5555", "multicast group"),
            ("udp://eth0;[::1]:5555", "multicast group"),
            ("udp://;239.192.1.1:5555", "interface before the ; is missing"),
            ("udp://eth0;eth1;239.192.1.1:5555", "more than one network interface"),
        ]
    )
    func invalid(_ string: String, _ reason: String) {
        let error = #expect(throws: ZMQError.self) { try Endpoint(string) }
        #expect(error?.code == .invalidArgument && error?.endpoint == string)
        #expect(error?.message.contains(reason) == true, "\(error.map { "\($0)" } ?? "")")
    }

    @Test("UDP-4: a RADIO needs to know where to", arguments: ["udp://*:5555", "udp://127.0.0.1:*"])
    func connecting(endpoint: String) throws {
        try withScene { scene in
            let radio = try scene.open(RadioSocket.self)
            let error = #expect(throws: ZMQError.self) { try radio.connect(endpoint) }
            #expect(error?.code == .invalidArgument && radio.connections.isEmpty)
        }
    }

    @Test("UDP-4: a RADIO connects, DISH and DGRAM bind; the error says so", arguments: [0, 1])
    func directions(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let (radio, dish) = try (scene.open(RadioSocket.self), scene.dish())
            let dgram = try scene.open(DgramSocket.self)
            for (call, reason) in [
                ({ _ = try radio.bind("udp://127.0.0.1:*") }, "RADIO sockets connect to udp endpoints"),
                ({ try dish.connect("udp://127.0.0.1:5555") }, "DISH sockets bind to udp endpoints"),
                ({ try dgram.connect("udp://127.0.0.1:5555") }, "DGRAM sockets bind to udp endpoints"),
            ] as [(() throws -> Void, String)] {
                let error = #expect(throws: ZMQError.self) { try call() }
                #expect(error?.code == .incompatibleProtocol && error?.message.contains(reason) == true)
            }
        }
    }

    @Test("UDP-4: no other type goes with udp, and DGRAM goes with no other transport", arguments: MatrixType.all)
    func types(matrix: MatrixType) throws {
        try withScene { scene in
            let dgram = try scene.open(DgramSocket.self)
            for endpoint in ["tcp://127.0.0.1:*", "ipc://*", "inproc://x", "ws://127.0.0.1:*/"] {
                let error = #expect(throws: ZMQError.self) { try dgram.bind(endpoint) }
                #expect(error?.code == .incompatibleProtocol && error?.endpoint == endpoint)
                #expect(error?.message.hasPrefix("DGRAM is for udp, and not for ") == true)
            }
            guard matrix.type != .radio, matrix.type != .dish else { return }
            let socket = try matrix.socket(scene)
            for call in [{ _ = try socket.bind($0) }, { try socket.connect($0) }] as [(String) throws -> Void] {
                let error = #expect(throws: ZMQError.self) { try call("udp://127.0.0.1:5555") }
                #expect(error?.code == .incompatibleProtocol && error?.endpoint == "udp://127.0.0.1:5555")
                #expect(error?.message == "udp is for RADIO, DISH and DGRAM, and not for \(matrix.type)")
            }
        }
    }

    @Test("a STREAM needs byte streams, and a passed listener is none for DGRAM") func streams() throws {
        try withScene { scene in
            let stream = try scene.stream()
            let error = #expect(throws: ZMQError.self) { try stream.bind("udp://127.0.0.1:*") }
            #expect(error?.message == "STREAM needs a byte stream, which udp does not provide")
            let dgram = try scene.open(DgramSocket.self)
            let listener = try RawListener()
            let refusal = #expect(throws: ZMQError.self) { try dgram.bind(listening: listener.descriptor) }
            #expect(refusal?.code == .incompatibleProtocol)
        }
    }

    @Test("security is refused") func security() throws {
        try withScene { scene in
            let radio = try scene.open(RadioSocket.self) {
                $0.security = try! SocketSecurity.plainClient(username: "a", password: Password("b"))
            }
            let error = #expect(throws: ZMQError.self) { try radio.connect("udp://127.0.0.1:5555") }
            #expect(error?.code == .incompatibleProtocol && error?.message.contains("no security mechanism") == true)
        }
    }

    @Test("an interface that does not exist is a thrown error that names it") func interfaces() throws {
        try withScene { scene in
            let (radio, dish) = try (scene.open(RadioSocket.self), scene.dish())
            for name in ["nosuch0", "203.0.113.77", "[2001:db8::77]"] {
                let endpoint = "udp://\(name);239.192.1.1:5555"
                for call in [{ _ = try dish.bind(endpoint) }, { try radio.connect(endpoint) }] as [() throws -> Void] {
                    let error = #expect(throws: ZMQError.self) { try call() }
                    #expect(error?.code == .noSuchDevice && error?.endpoint == endpoint)
                    #expect(error?.message.contains("\"\(name)\"") == true)
                }
            }
            let error = #expect(throws: ZMQError.self) { try dish.bind("udp://203.0.113.77:5555") }
            #expect(error?.code == .addressNotAvailable)
        }
    }

    @Test("the hops are checked in every build") func hops() throws {
        for hops in [0, 256, -1] {
            let reactor = try Reactor()
            let error = #expect(throws: ZMQError.self) {
                var options = SocketOptions()
                options.multicastHops = hops
                _ = try RadioSocket(on: reactor, in: Context(), options: options)
            }
            #expect(error?.option == "multicastHops")
        }
    }

    @Test("an address that is in use is an error of the bind") func inUse() throws {
        try withScene { scene in
            let (one, other) = try (scene.dish(), scene.open(DgramSocket.self))
            let endpoint = try one.bind("udp://127.0.0.1:*")
            #expect(endpoint.hasPrefix("udp://127.0.0.1:") && !endpoint.hasSuffix("*"))
            let error = #expect(throws: ZMQError.self) { try other.bind(endpoint) }
            #expect(error?.code == .addressInUse)
            try one.unbind(endpoint)
            #expect(try other.bind(endpoint) == endpoint)
        }
    }
}
