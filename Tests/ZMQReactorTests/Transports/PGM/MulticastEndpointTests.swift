#if Multicast
    import Testing
    import ZMQReactorTestSupport

    @testable import ZMQReactor

    @Suite struct MulticastEndpointTests {
        @Test(
            "endpoints of multicast groups",
            arguments: [
                "epgm://eth0;239.192.1.1:5555", "pgm://192.168.1.2;224.0.0.1,239.255.255.255:1",
                "epgm://239.192.1.1:65535",
            ]
        )
        func valid(string: String) throws {
            let endpoint = try Endpoint(string)
            #expect("\(endpoint)" == string)
            #expect(try Endpoint("\(endpoint)") == endpoint)
            try endpoint.validateForBinding()
            try endpoint.validateForConnecting()
        }

        @Test("the two transports and other addresses are not the same") func equality() throws {
            let endpoint = try Endpoint("epgm://eth0;239.192.1.1:5555")
            #expect(try endpoint != Endpoint("pgm://eth0;239.192.1.1:5555"))
            #expect(try endpoint != Endpoint("epgm://eth1;239.192.1.1:5555"))
            #expect(try Endpoint("epgm://;239.192.1.1:5555") == Endpoint("epgm://239.192.1.1:5555"))
        }

        @Test(
            "TOP-28: what is wrong with an endpoint is said",
            arguments: [
                ("epgm://eth0;239.192.1.1", "port is missing"),
                ("epgm://eth0;239.192.1.1:", "port is missing"),
                ("epgm://eth0;239.192.1.1:0", "\"0\" is not a number of 1 to 65535"),
                ("epgm://eth0;239.192.1.1:70000", "\"70000\" is not a number"),
                ("epgm://eth0;239.192.1.1:*", "\"*\" is not a number"),
                ("epgm://eth0;:5555", "group is missing"),
                ("epgm://eth0:5555", "\"eth0\" is not a multicast group"),
                ("epgm://eth0;192.168.1.1:5555", "\"192.168.1.1\" is not a multicast group"),
                ("epgm://eth0;239.192.1.1,:5555", "\"\" is not a multicast group"),
                ("epgm://eth0;239.192.1.1;239.192.1.2:5555", "is not a multicast group"),
                ("epgm://eth 0;239.192.1.1:5555", "white space"),
                ("pgm://[ff02::1]:5555", "is not a multicast group"),
                ("epgm://" + String(repeating: "239.192.1.1,", count: 20) + "239.192.1.1:5555", "at most 20"),
            ]
        )
        func invalid(_ string: String, _ reason: String) {
            let error = #expect(throws: ZMQError.self) { try Endpoint(string) }
            #expect(error?.code == .invalidArgument)
            #expect(error?.endpoint == string)
            #expect(error?.message.contains(reason) == true, "\(error.map { "\($0)" } ?? "")")
        }

        @Test("MC-13: an interface that does not exist is a thrown error that names it", arguments: [true, false])
        func unknownInterface(binds: Bool) throws {
            try withScene { scene in
                let pub = try scene.pub()
                for name in ["nosuch0", "203.0.113.77"] {
                    let endpoint = "epgm://\(name);239.192.1.1:5555"
                    let error = #expect(throws: ZMQError.self) {
                        if binds { try pub.bind(endpoint) } else { try pub.connect(endpoint) }
                    }
                    #expect(error?.code == .noSuchDevice)
                    #expect(error?.endpoint == endpoint)
                    #expect(error?.message.contains("\"\(name)\"") == true)
                }
                #expect(pub.connections.isEmpty)
            }
        }

        @Test("MC-13: other socket types and security are refused") func otherTypes() throws {
            try withScene { scene in
                let endpoint = "epgm://127.0.0.1;239.192.1.1:5555"
                for socket in [try scene.push(), try scene.pair()] as [Socket] {
                    #expect(#expect(throws: ZMQError.self) { try socket.bind(endpoint) }?.code == .incompatibleProtocol)
                    #expect(
                        #expect(throws: ZMQError.self) { try socket.connect(endpoint) }?.code == .incompatibleProtocol
                    )
                }
                let security = try SocketSecurity.plainClient(username: "a", password: Password("b"))
                let secure = try scene.pub { $0.security = security }
                let error = #expect(throws: ZMQError.self) { try secure.connect(endpoint) }
                #expect(error?.code == .incompatibleProtocol)
                #expect(error?.message.contains("no security mechanism") == true)
            }
        }

        @Test("options have limits") func options() throws {
            let changes: [(String, (inout SocketOptions) -> Void)] = [
                ("multicastRate", { $0.multicastRate = 0 }),
                ("multicastRate", { $0.multicastRate = 100_000_001 }),
                ("multicastRecoveryInterval", { $0.multicastRecoveryInterval = .zero }),
                ("multicastRecoveryInterval", { $0.multicastRecoveryInterval = .seconds(3601) }),
                ("multicastRecoveryInterval", { $0.multicastRecoveryInterval = .seconds(400) }),
                ("multicastHops", { $0.multicastHops = 0 }),
                ("multicastHops", { $0.multicastHops = 256 }),
                ("multicastMaxTPDU", { $0.multicastMaxTPDU = 255 }),
                ("multicastMaxTPDU", { $0.multicastMaxTPDU = 65_536 }),
                ("limits.multicastSenders", { $0.limits.multicastSenders = 0 }),
            ]
            try withScene { scene in
                let sub = try scene.sub()
                for (name, change) in changes {
                    let error = #expect(throws: ZMQError.self) { try sub.configure(change) }
                    #expect(error?.option == name)
                }
            }
        }
    }
#endif
