public import ZMTP

/// A public key, and what is known about its owner: the public certificate file of czmq (`zcert`) and of pyzmq
/// (`zmq.auth`).
///
/// The file is text, in the form of ZPL (RFC 4):
///
/// ```
/// metadata
///     name = "Alice"
/// curve
///     public-key = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
/// ```
///
/// It has no signature: only the permissions of the file protect it. The secret file also has a line `secret-key`; see
/// `CurveKeyPair.init(certificate:)`.
public struct CurveCertificate: Hashable, Sendable {
    /// The key.
    public let publicKey: CurvePublicKey

    /// What else is known, for example `name` or `email`.
    public let metadata: [String: String]

    /// A certificate.
    ///
    /// - Throws: `invalidArgument` if a file cannot hold the metadata. A name has letters, digits and `-_.+@$&/`, the
    ///   last not at its ends. A value has no control characters, and not both `"` and `'`. A line has at most 1024
    ///   bytes.
    public init(_ publicKey: CurvePublicKey, metadata: [String: String] = [:]) throws(ZMQError) {
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }) { try CertificateText.check(name, value) }
        (self.publicKey, self.metadata) = (publicKey, metadata)
    }

    init(parsed text: CertificateText) { (publicKey, metadata) = (text.publicKey, text.metadata) }

    /// Reads a file, public or secret.
    ///
    /// - Throws: `invalidArgument`, with the path, the line and what is wrong, if it is no certificate or has more than
    ///   64 KiB; else the failure of a system call.
    public init(contentsOf path: String) throws(ZMQError) {
        self.init(parsed: try CertificateText(contentsOf: path))
    }

    /// Writes a new public file.
    ///
    /// - Throws: the failure of a system call, such as `EEXIST`: no file is overwritten.
    public func write(to path: String) throws(ZMQError) {
        try CertificateFile.create(path, mode: 0o644, CertificateText.publicText(self))
    }
}

extension CurveKeyPair {
    /// Reads the keys of a secret certificate file, as `alice.key_secret` of pyzmq and `alice.txt_secret` of czmq.
    ///
    /// - Throws: `invalidArgument`, with the path and what is wrong but nothing secret, if it is no certificate, has
    ///   no secret key, or its keys are no pair; `notSupported` in a build without the package trait `Curve`; else the
    ///   failure of a system call.
    public init(certificate path: String) throws(ZMQError) {
        let text = try CertificateText(contentsOf: path)
        guard let secretKey = text.secretKey else { throw CertificateFile.failure(path, "it has no secret key") }
        do throws(CurveError) {
            self = try CurveKeyPair(secretKey: secretKey)
        } catch {
            guard error.code != .unavailable else { throw ZMQError(.notSupported, error.message) }
            throw CertificateFile.failure(path, error.message)
        }
        guard publicKey == text.publicKey else { throw CertificateFile.failure(path, "its keys are no pair") }
    }

    /// Writes two new certificate files: a public one to give to others, at `path`, and a secret one, at `path` with
    /// `_secret` added, that only this user can read (mode 0600).
    ///
    /// - Parameter metadata: see ``CurveCertificate/init(_:metadata:)``.
    /// - Throws: `invalidArgument` for other metadata; the failure of a system call, such as `EEXIST`: no file is
    ///   overwritten. There is then neither file, or what there was before.
    public func writeCertificates(to path: String, metadata: [String: String] = [:]) throws(ZMQError) {
        let certificate = try CurveCertificate(publicKey, metadata: metadata)
        let secretPath = path + CertificateFile.secretSuffix
        try CertificateFile.create(secretPath, mode: 0o600, CertificateText.secretText(certificate, secretKey))
        do throws(ZMQError) {
            try certificate.write(to: path)
        } catch {
            CertificateFile.remove(secretPath)
            throw error
        }
    }
}
