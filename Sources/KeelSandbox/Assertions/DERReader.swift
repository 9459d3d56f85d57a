/// Walks over DER (ITU-T X.690 section 10): enough to find the public key in a certificate.
struct DERReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// The next element: its tag, all of it, and what is in it; nil at the end, and for what is no DER.
    mutating func next() -> (tag: UInt8, whole: ArraySlice<UInt8>, content: ArraySlice<UInt8>)? {
        var reader = rest
        guard let tag = reader.popFirst(), let first = reader.popFirst() else { return nil }
        var length = Int(first)
        if first >= 0x80 {
            guard (0x81...0x84).contains(first) else { return nil }
            length = 0
            for _ in 0..<(first - 0x80) {
                guard let byte = reader.popFirst() else { return nil }
                length = length << 8 | Int(byte)
            }
        }
        guard reader.count >= length else { return nil }
        let content = reader.prefix(length)
        let whole = rest[rest.startIndex..<content.endIndex]
        rest = rest[content.endIndex...]
        return (tag, whole, content)
    }

    /// The SubjectPublicKeyInfo of a certificate (RFC 5280 section 4.1).
    static func publicKey(ofCertificate bytes: [UInt8]) -> [UInt8]? {
        var outer = DERReader(bytes[...])
        guard let certificate = outer.next(), certificate.tag == 0x30 else { return nil }
        var parts = DERReader(certificate.content)
        guard let signed = parts.next(), signed.tag == 0x30 else { return nil }
        var fields = DERReader(signed.content)
        var field = fields.next()
        // The version, which is absent in the first one; then serial number, algorithm, issuer, validity, subject.
        if field?.tag == 0xA0 { field = fields.next() }
        for _ in 0..<5 { field = fields.next() }
        guard let field, field.tag == 0x30 else { return nil }
        return Array(field.whole)
    }
}
