import ZMQReactor

/// Keys as text: 40 characters of Z85 or 64 hexadecimal digits.
enum KeyText {
    static func publicKey(_ text: String) throws(Complaint) -> CurvePublicKey {
        let bytes = try bytes(text)
        do { return try CurvePublicKey(bytes) } catch { throw Complaint("\(error)") }
    }

    static func secretKey(_ text: String) throws(Complaint) -> CurveSecretKey {
        let bytes = try bytes(text)
        do { return try CurveSecretKey(bytes) } catch { throw Complaint("\(error)") }
    }

    /// The error does not contain the text.
    private static func bytes(_ text: String) throws(Complaint) -> [UInt8] {
        let bytes: [UInt8]? =
            switch text.utf8.count {
            case 40: Z85.decode(text)
            case 64: HexLines.bytes(Array(text.utf8)[...])
            default: nil
            }
        guard let bytes else {
            throw Complaint("expected a key, 40 characters of Z85 or 64 hexadecimal digits")
        }
        return bytes
    }
}
