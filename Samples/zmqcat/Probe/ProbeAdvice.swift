/// What to do next, in whole sentences.
enum ProbeAdvice {
    static func next(for report: ProbeReport, at target: ProbeTarget) -> [String] {
        switch report.verdict {
        case .unreachable: unreachable(report, target)
        case .notZeroMQ: other(report.findings, target)
        case .refused: refused(report, target)
        case .ready: ready(report.findings.peerType, report.endpoint)
        }
    }

    private static func unreachable(_ report: ProbeReport, _ target: ProbeTarget) -> [String] {
        if target.transport == .ipc {
            return report.addresses.contains { $0.error == nil }
                ? silent
                : ["Start the server, and check the path: it is the file that the server makes when it binds."]
        }
        guard !report.addresses.isEmpty else {
            return [
                "Check the spelling of \(target.host), and whether this machine resolves other names: getent hosts NAME."
            ]
        }
        let errors = report.addresses.compactMap(\.error)
        guard errors.count == report.addresses.count else { return silent }
        if errors.contains(where: { $0.contains("refused") }) {
            return [
                "Start the server, and check the port: on its machine, ss -ltnp shows what listens.",
                "A server that is bound to 127.0.0.1 cannot be reached from other machines; tcp://*:\(target.port) can.",
            ]
        }
        return ["Check the address and the route to it; a firewall that drops packets looks like this, too."]
    }

    private static let silent = [
        "The system accepts connections for it, but the program does not answer: it may be stopped, or a handler may "
            + "block its loop.",
        "Or it is a server of a protocol in which the client speaks first.",
    ]

    private static func other(_ findings: Findings, _ target: ProbeTarget) -> [String] {
        switch findings.language {
        case .zmtp: ["Connect with tcp://\(target.authority)."]
        case .webSocket: ["Connect with ws://\(target.authority)/ and the server's path."]
        case .http where target.transport == .wss: ["Connect with ws:// instead of wss://: there is no TLS."]
        case .http where target.transport == .ws:
            ["Check the path: the server has no WebSocket for ZeroMQ (ZWS 2.0) at \(target.path)."]
        case .http:
            ["If the server has a WebSocket for ZeroMQ, connect with ws:// and its path; otherwise check the port."]
        case .tls:
            ["If the server has a WebSocket for ZeroMQ, connect with wss:// and its path; otherwise check the port."]
        case .other(let banner) where banner.kind == "nanomsg or nng":
            ["nanomsg and nng do not speak ZeroMQ's protocol: use their own client, such as nngcat."]
        default: ["Check the port: this one belongs to another program."]
        }
    }

    private static func refused(_ report: ProbeReport, _ target: ProbeTarget) -> [String] {
        let findings = report.findings
        switch findings.mechanism {
        case "CURVE" where findings.refusal == nil:
            return [
                "Ask for the server's public key, and probe again with --option security=curve-client --option "
                    + "curve-server-key=KEY.",
                "If the server admits known clients only, it needs this side's public key; zmqcat keygen makes a pair.",
            ]
        case "PLAIN" where findings.refusal == nil:
            return [
                "Put security=plain-client, plain-username=NAME and plain-password=PASSWORD in a file, and probe again "
                    + "with --option-file."
            ]
        case "CURVE":
            return [
                "Check the server's public key, and whether the server knows this side's; and the type: a type that the "
                    + "server does not go with is refused in the same way."
            ]
        case "PLAIN":
            return [
                "Check the name and the password; and the type, which is refused in the same way if it does not fit."
            ]
        default:
            if target.transport == .wss {
                return ["Check the certificate: --option tls.authorities-file=PATH, --option tls.server-name=NAME."]
            }
            guard report.refusesAllTypes else { return ["See the server's log or events: it knows why it refuses."] }
            return [
                "It refuses all types that the probe connects with: \(PeerTypes.offers.joined(separator: ", ")).",
                "It may be a \(PeerTypes.talkative.joined(separator: ", a ")): these would send the probe messages.",
            ]
        }
    }

    private static func ready(_ type: String?, _ endpoint: String) -> [String] {
        switch type {
        case "REP", "ROUTER": ["echo hello | zmqcat req --connect \(endpoint) --timeout 2s"]
        case "REQ": ["zmqcat rep --connect \(endpoint) prints its requests, and answers each with a line."]
        case "DEALER": ["zmqcat dealer --connect \(endpoint) exchanges messages with it."]
        case "PUB", "XPUB":
            [
                "zmqcat sub --connect \(endpoint) --subscribe \"\" prints all that it publishes from now on.",
                "A subscriber gets nothing that was sent before its subscription has arrived, and nothing without one.",
            ]
        case "SUB", "XSUB":
            ["Publish what begins with one of its topics: zmqcat pub --connect \(endpoint) --wait-for-peers 1."]
        case "PULL": ["echo task | zmqcat push --connect \(endpoint)"]
        case "PUSH": ["zmqcat pull --connect \(endpoint) prints its messages, and takes them from its other peers."]
        case "PAIR", "CHANNEL": ["A \(type ?? "") has one peer: a second one waits until the first is gone."]
        case nil: ["Its version does not say more. Connect a socket of the type that it needs."]
        case let type?: ["Connect a socket that goes with a \(type)."]
        }
    }
}
