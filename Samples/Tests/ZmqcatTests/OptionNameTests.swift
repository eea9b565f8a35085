import Testing

@testable import zmqcat

@Suite struct OptionNameTests {
    @Test(
        "libzmq's name of an option is answered with the name here",
        arguments: [
            ("sndhwm", "send-high-water-mark"), ("ZMQ_SNDHWM", "send-high-water-mark"),
            ("zmq_rcvhwm", "receive-high-water-mark"), ("IDENTITY", "routing-id"), ("linger", "--linger"),
            ("CURVE_SERVER", "security=curve-server"), ("ROUTER_MANDATORY", "router-mandatory"),
            ("sendHighWaterMark", "send-high-water-mark"), ("usesIPv6", "ipv6"),
        ]
    )
    func classics(name: String, here: String) {
        #expect(OptionSuggestions.nearest(to: name) == [here])
    }

    @Test(
        "a mistyped name is answered with the nearest ones",
        arguments: [
            ("recieve-high-water-mark", ["receive-high-water-mark"]), ("heartbeat-tll", ["heartbeat-ttl"]),
            ("backlgo", ["backlog"]), ("rcvhmw", ["receive-high-water-mark"]), ("confalte", ["conflate"]),
        ]
    )
    func mistyped(name: String, names: [String]) {
        #expect(OptionSuggestions.nearest(to: name) == names)
    }

    @Test("a part of a name is answered with some of those that contain it")
    func part() {
        let names = OptionSuggestions.nearest(to: "keepalive")
        #expect(names.count == 3 && names.allSatisfy { $0.hasPrefix("tcp-keepalive") })
    }

    @Test("a name like no other, or none, is answered with nothing", arguments: ["frobnicate", "", "=", "é"])
    func unknown(name: String) {
        #expect(OptionSuggestions.nearest(to: name).isEmpty)
        #expect(OptionSuggestions.hint(for: name).isEmpty)
    }

    @Test("each of libzmq's names leads to an option or an argument that exists")
    func targets() throws {
        let names = Set(SocketSetting.all.map(\.name))
        for (libzmq, here) in LibzmqNames.options {
            #expect(names.contains(String(here.prefix { $0 != "=" })), "\(libzmq)")
        }
        let help = try Cat("--help").output()
        for (libzmq, here) in LibzmqNames.arguments { #expect(help.contains(here + " "), "\(libzmq)") }
    }

    @Test("what is printed of an unknown name can be no secret")
    func secrets() throws {
        for argument in ["Secret1", "Secret1=x", "plain-password:Secret1=x", "curve-secret-key Secret1"] {
            let error = #expect(throws: Complaint.self) { try SocketSettings([argument], linger: .zero) }
            #expect(error?.description.contains("ecret1") == false, "\(error?.description ?? "")")
        }
    }
}
