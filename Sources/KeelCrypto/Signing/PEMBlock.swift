import KeelBase

/// One encoded thing of a PEM text (RFC 7468), which may hold several and other words around them.
///
/// Lines may have any length: what came through a variable or an editor is often wrapped otherwise, or not at all. In bytes,
/// so that a key need not pass through a `String`, and with reasons for what goes wrong.
struct PEMBlock {
    /// What stands between `BEGIN` and the dashes: `PRIVATE KEY`.
    let label: String
    /// The decoded bytes.
    let content: Secret

    /// Why a text has no blocks that could be read.
    enum Fault: Error {
        /// The block has headers that say so (RFC 1421 section 4.6.1.1).
        case encrypted
        /// `\n` stands there, as two characters.
        case escapedLineEnds
        /// The block does not end, ends as another, or is not base 64.
        case malformed(label: String)
    }

    /// All blocks, in their order.
    static func all(in text: Secret) throws(Fault) -> [PEMBlock] {
        let bytes = text.reveal()
        var blocks: [PEMBlock] = []
        var rest = bytes[...]
        while let begin = rest.firstRange(of: beginning) {
            rest = rest[begin.upperBound...]
            guard let dashes = rest.firstRange(of: dashes), rest[..<dashes.lowerBound].count <= longestLabel else {
                throw .malformed(label: "")
            }
            let label = rest[..<dashes.lowerBound]
            rest = rest[dashes.upperBound...]
            let name = String(decoding: label, as: UTF8.self)
            guard let end = rest.firstRange(of: ending + label + Self.dashes) else { throw .malformed(label: name) }
            blocks.append(PEMBlock(label: name, content: try content(rest[..<end.lowerBound], name)))
            rest = rest[end.upperBound...]
        }
        return blocks
    }

    private static func content(_ body: ArraySlice<UInt8>, _ label: String) throws(Fault) -> Secret {
        if body.firstRange(of: "Proc-Type:".utf8) != nil { throw .encrypted }
        if body.firstRange(of: "\\n".utf8) != nil { throw .escapedLineEnds }
        let characters = body.filter { $0 > UInt8(ascii: " ") }
        guard !characters.isEmpty, let decoded = Base64.decode(characters) else { throw .malformed(label: label) }
        return Secret(copying: decoded)
    }

    private static let beginning = Array("-----BEGIN ".utf8)
    private static let ending = Array("-----END ".utf8)
    private static let dashes = Array("-----".utf8)
    private static let longestLabel = 64
}
