import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// A directory of a test, which is removed with all that is in it.
final class TemporaryDirectory {
    let path = Unique.path()

    init() throws {
        guard mkdir(path, 0o700) == 0 else { throw TestFailure(call: "cannot make \(path)", errno: errno) }
    }

    deinit { _ = try? ChildProcess("rm", ["-rf", path]).wait() }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file in its place, whatever was there.
    func write(_ name: String, _ bytes: some Sequence<UInt8>) throws {
        let temporary = file(".new")
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        let bytes = Array(bytes)
        defer { close(descriptor) }
        guard bytes.withUnsafeBytes({ Glibc.write(descriptor, $0.baseAddress, $0.count) }) == bytes.count,
            rename(temporary, file(name)) == 0
        else { throw TestFailure(call: "cannot write \(name)", errno: errno) }
    }

    func write(_ name: String, _ text: String) throws { try write(name, text.utf8) }

    func remove(_ name: String) throws {
        guard unlink(file(name)) == 0 else { throw TestFailure(call: "cannot remove \(name)", errno: errno) }
    }
}

/// Python with pyzmq: runs a program, and returns what it prints.
func python(_ program: String, _ arguments: String...) throws -> [String] {
    let child = try ChildProcess("/usr/bin/python3", ["-c", program] + arguments)
    try child.expectExit(within: .seconds(30))
    return child.standardOutput.split(separator: "\n").map(String.init)
}

/// Certificate files.
@Suite(.hangLimit) struct CertificateTests {
    static let key = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
    static let secret = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"

    static func text(_ metadata: String = "") -> String {
        "metadata\n\(metadata)curve\n    public-key = \"\(key)\"\n"
    }

    private func parse(_ text: String) throws -> CertificateText { try CertificateText(text) }

    @Test("a certificate has a key and metadata, in any form that ZPL has") func forms() throws {
        let texts = [
            Self.text("    name = Alice\n    email = \"a@b\"\n"),
            "#   ****  Generated ****\n\n" + Self.text("    name = 'Alice'  # her\n    email=a@b#c\n"),
            "curve\n    public-key='\(Self.key)'\nmetadata\n\n  # indented\n    name   =   Alice   \n    email = a@b",
            Self.text("    name = \"Alice\"\n    email = \"a@b\"\n").replacing("\n", with: "\r\n"),
            Self.text("    name = Alice\n        name = Bob\n    email = a@b\n") + "other = 1\n    public-key = x\n",
        ]
        for text in texts {
            let certificate = try parse(text)
            #expect(certificate.publicKey.z85 == Self.key && certificate.secretKey == nil, "\(text)")
            #expect(certificate.metadata == ["name": "Alice", "email": "a@b"], "\(text)")
        }
        let secret = try parse(
            Self.text("    quoted = \"a # b = c\"\n    none\n    empty =\n") + "    secret-key = \"\(Self.secret)\"\n"
        )
        #expect(secret.secretKey?.exportedZ85() == Self.secret)
        #expect(secret.metadata == ["quoted": "a # b = c", "none": "", "empty": ""])
    }

    @Test(
        "a malformed text is no certificate; the reason has a line, and nothing of the text",
        arguments: [
            ("", "it has no public key"), ("metadata\ncurve\n", "it has no public key"),
            ("    public-key = \"\(key)\"\n", "line 1 is indented by more than one level"),
            ("curve\n        public-key = \"\(key)\"\n", "line 2 is indented by more than one level"),
            ("curve\n  public-key = \"\(key)\"\n", "line 2 is not indented by 4 spaces for each level"),
            ("curve\n\tpublic-key = \"\(key)\"\n", "line 2 has no name"),
            ("curve\n    public-key = \"\(key)\n", "line 2 has a quote without end"),
            ("curve\n    public-key = \"\(key)\" x\n", "line 2 goes on after its value"),
            ("curve\n    public-key \"\(key)\"\n", "line 2 has something other than = after its name"),
            ("curve\n    public-key = \"\(key.dropLast())\"\n", "its public key is not 40 characters of Z85"),
            ("curve\n    public-key = \"\(key.dropLast())~\"\n", "its public key is not 40 characters of Z85"),
            ("curve\n    public-key = \"\"\n", "its public key is not 40 characters of Z85"),
            (text() + "    public-key = \"\(secret)\"\n", "line 4 has a name that stood before"),
            (text() + "    secret-key = \"hunter2\"\n", "its secret key is not 40 characters of Z85"),
            (text("    name = a\n    name = b\n"), "line 3 has a name that stood before"),
            (text("    name = \"a\u{7}\"\n"), "line 2 has a control character"),
            (text("    name = \"a\0\"\n"), "line 2 has a control character"),
            (text("    full name = a\n"), "line 2 has something other than = after its name"),
            (text("    /name = a\n"), "line 2 has no name"), (text("    = a\n"), "line 2 has no name"),
            ("<xml/>", "line 1 has no name"),
            ("-----BEGIN KEY-----", "line 1 has something other than = after its name"),
        ]
    )
    func malformed(text: String, reason: String) {
        let error = #expect(throws: CertificateText.Failure.self) { try parse(text) }
        #expect(error?.message == reason)
    }

    @Test("any bytes are a certificate or an error; a certificate is written as it was read") func fuzz() throws {
        var random = SplitMix64(seed: 26)
        let good = Array(Self.text("    name = \"Alice\"\n").utf8)
        let pieces = ["\n", "    ", "\"", "'", "#", "=", "curve", "public-key", "\r", "\0", "é", "/"].map {
            Array($0.utf8)
        }
        var readable = 0
        for _ in 0..<2_000 {
            var bytes = good
            for _ in 0..<Int(random.next() % 3) {
                let place = Int(random.next() % UInt64(bytes.count))
                bytes.replaceSubrange(place..<place, with: pieces[Int(random.next() % UInt64(pieces.count))])
            }
            guard let text = String(validating: bytes, as: UTF8.self), let parsed = try? parse(text) else { continue }
            readable += 1
            let certificate = CurveCertificate(parsed: parsed)
            let written = CertificateText.publicText(certificate)
            #expect(CurveCertificate(parsed: try parse(written)) == certificate)
        }
        #expect(readable > 500)
    }

    @Test("a certificate is written, read, and never overwritten") func files() throws {
        let directory = try TemporaryDirectory()
        let metadata = ["name": "Alice", "said": "\"hi\"", "also": "it's", "empty": "", "mail@home": "a b # c"]
        let certificate = try CurveCertificate(CurvePublicKey(z85: Self.key), metadata: metadata)
        try certificate.write(to: directory.file("alice"))
        #expect(try CurveCertificate(contentsOf: directory.file("alice")) == certificate)
        let error = #expect(throws: ZMQError.self) { try certificate.write(to: directory.file("alice")) }
        #expect(error?.code == .system(EEXIST) && error?.message.contains("alice") == true)
    }

    @Test("metadata that no file can hold is an error with the name") func metadata() throws {
        let key = try CurvePublicKey(z85: Self.key)
        for (name, value) in [
            ("", ""), ("a b", ""), ("/a", ""), ("a/", ""), ("ä", ""), ("a=", ""), ("a", "b\nsecret-key = c"),
            ("a", "\0"),
            ("a", "'\""), ("a", String(repeating: "x", count: 1_024)), ("a", "\u{85}"),
        ] {
            let error = #expect(throws: ZMQError.self) { try CurveCertificate(key, metadata: [name: value]) }
            #expect(error?.code == .invalidArgument && error?.message.contains(name) == true)
        }
    }

    @Test("a file that is none is an error with its path") func unreadable() throws {
        let directory = try TemporaryDirectory()
        try directory.write("large", Self.text() + String(repeating: "#", count: 65_537 - Self.text().utf8.count))
        try directory.write("binary", [0xFF, 0xFE])
        try directory.write("fits", Self.text() + String(repeating: "#", count: 65_536 - Self.text().utf8.count))
        #expect(mkfifo(directory.file("fifo"), 0o600) == 0)
        for (name, reason) in [
            ("large", "it has more than 65536 bytes"), ("binary", "it is not UTF-8"), (".", "it is not a regular file"),
            ("fifo", "it is not a regular file"),
        ] {
            let error = #expect(throws: ZMQError.self) { try CurveCertificate(contentsOf: directory.file(name)) }
            #expect(error?.code == .invalidArgument && error?.message.hasSuffix(reason) == true)
            #expect(error?.message.contains(directory.file(name)) == true)
        }
        let error = #expect(throws: ZMQError.self) { try CurveCertificate(contentsOf: directory.file("none")) }
        #expect(error?.code == .system(ENOENT))
        #expect(try CurveCertificate(contentsOf: directory.file("fits")).publicKey.z85 == Self.key)
    }

    #if Curve
        @Test("a key pair is two files, and only this user can read the secret one") func pair() throws {
            let directory = try TemporaryDirectory()
            let keys = try CurveKeyPair()
            try keys.writeCertificates(to: directory.file("server"), metadata: ["name": "Server"])
            for (name, bits, mode) in [("server", 0o400, 0o400), ("server_secret", 0o777, 0o600)] {
                var status = stat()
                #expect(stat(directory.file(name), &status) == 0 && Int(status.st_mode) & bits == mode)
                #expect(try CurveCertificate(contentsOf: directory.file(name)).publicKey == keys.publicKey)
                #expect(try CurveCertificate(contentsOf: directory.file(name)).metadata == ["name": "Server"])
            }
            let read = try CurveKeyPair(certificate: directory.file("server_secret"))
            #expect(read.publicKey == keys.publicKey && read.secretKey == keys.secretKey)
            #expect(try !readFile(directory.file("server")).contains(keys.secretKey.exportedZ85()))
            let error = #expect(throws: ZMQError.self) { try CurveKeyPair(certificate: directory.file("server")) }
            #expect(error?.message.hasSuffix("it has no secret key") == true)
        }

        @Test("if one of the two files exists, neither is written") func existing() throws {
            let keys = try CurveKeyPair()
            for name in ["server", "server_secret"] {
                let directory = try TemporaryDirectory()
                try directory.write(name, "precious")
                let error = #expect(throws: ZMQError.self) { try keys.writeCertificates(to: directory.file("server")) }
                #expect(error?.code == .system(EEXIST))
                #expect(try readFile(directory.file(name)) == "precious")
                let other = name == "server" ? "server_secret" : "server"
                #expect(access(directory.file(other), F_OK) != 0)
            }
        }

        @Test("keys that are no pair are refused, and not shown") func noPair() throws {
            let directory = try TemporaryDirectory()
            let secret = try CurveKeyPair().secretKey.exportedZ85()
            try directory.write("a_secret", Self.text() + "    secret-key = \"\(secret)\"\n")
            let error = #expect(throws: ZMQError.self) { try CurveKeyPair(certificate: directory.file("a_secret")) }
            #expect(error?.message.hasSuffix("its keys are no pair") == true)
            #expect(error.map { "\($0)".contains(secret) } == false)
        }

        @Test("interop: pyzmq's certificates are read") func fromPython() throws {
            let directory = try TemporaryDirectory()
            let paths = try python(
                "import sys, zmq.auth; print(*zmq.auth.create_certificates(sys.argv[1], 'alice', {'name': 'Alice L'}), sep='\\n')",
                directory.path
            )
            let certificate = try CurveCertificate(contentsOf: paths[0])
            let keys = try CurveKeyPair(certificate: paths[1])
            #expect(certificate.publicKey == keys.publicKey)
            #expect(try CurveCertificate(contentsOf: paths[1]).metadata == ["name": "Alice L"])
            let entries = CurveKeyDirectory(directory.path).entries
            #expect(entries.map(\.userID) == ["alice"] && entries.map(\.certificate) == [certificate])
        }

        @Test("interop: pyzmq reads ours") func toPython() throws {
            let directory = try TemporaryDirectory()
            // Random keys, so that all characters of Z85 come up.
            for index in 0..<20 {
                try CurveKeyPair().writeCertificates(
                    to: directory.file("\(index).key"),
                    metadata: ["name": "it's \(index)"]
                )
            }
            let lines = try python(
                """
                import sys, zmq.auth
                for index in range(20):
                    path = f'{sys.argv[1]}/{index}.key'
                    public, none = zmq.auth.load_certificate(path)
                    same, secret = zmq.auth.load_certificate(path + '_secret')
                    assert none is None and same == public
                    print(public.decode(), secret.decode())
                print(len(zmq.auth.load_certificates(sys.argv[1])))
                """,
                directory.path
            )
            for index in 0..<20 {
                let keys = try CurveKeyPair(certificate: directory.file("\(index).key_secret"))
                #expect(lines[index] == "\(keys.publicKey.z85) \(keys.secretKey.exportedZ85())")
            }
            #expect(lines.last == "20")
        }
    #endif
}
