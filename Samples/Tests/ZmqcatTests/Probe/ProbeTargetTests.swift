import Testing

@testable import zmqcat

@Suite struct ProbeTargetTests {
    @Test(
        "endpoints",
        arguments: [
            ("tcp://localhost:5555", "localhost", 5555, "/"), ("tcp://[::1]:1", "::1", 1, "/"),
            ("ws://h.example:80/a/b", "h.example", 80, "/a/b"), ("wss://h:443", "h", 443, "/"),
            ("tcp://192.0.2.1:0;192.0.2.2:7", "192.0.2.2", 7, "/"), ("ipc:///run/x", "/run/x", 0, ""),
            ("ipc://@x", "@x", 0, ""),
        ]
    )
    func endpoints(endpoint: String, host: String, port: UInt16, path: String) throws {
        let target = try ProbeTarget(endpoint)
        #expect(target.host == host && target.port == port && target.path == path)
    }

    @Test(
        "what cannot be connected to",
        arguments: [
            "", "localhost:5555", "tcp://*:5555", "tcp://0.0.0.0:1", "tcp://h", "tcp://h:0", "tcp://h:65536",
            "tcp://:1",
            "tcp://h:x", "udp://h:1", "inproc://x", "ipc://", "tcp://[::]:1",
        ]
    )
    func wrong(endpoint: String) {
        let error = #expect(throws: Complaint.self) { try ProbeTarget(endpoint) }
        #expect(error?.description.hasPrefix("\(endpoint): ") == true)
    }
}
