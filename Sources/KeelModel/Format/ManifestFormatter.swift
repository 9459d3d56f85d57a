import KeelDiagnostics
import KeelYAML

/// A manifest in the one layout that all manifests share.
package struct FormattedManifest: Sendable {
    /// What the file is to hold; its own bytes if it is not to be changed.
    package let bytes: [UInt8]
    /// Why it could not be laid out: mistakes in its YAML, or doubt.
    package let diagnostics: [Diagnostic]
    /// Whether it has no document of Mailkeel's, and so is another tool's.
    package let isForeign: Bool
}

/// Lays manifests out: blanks, blank lines and line ends change, and nothing that they say.
///
/// docs/fmt.md describes the layout.
package enum ManifestFormatter {
    /// Lays out a file of `sources`.
    package static func format(_ id: SourceFileID, in sources: SourceMap) -> FormattedManifest {
        let source = sources[id]
        func unchanged(_ diagnostics: [Diagnostic], isForeign: Bool = false) -> FormattedManifest {
            FormattedManifest(bytes: source.bytes, diagnostics: diagnostics, isForeign: isForeign)
        }
        guard isSuspect(source.bytes) else { return unchanged([], isForeign: true) }
        let stream = YAMLParser.parse(id, in: sources)
        guard !stream.hasErrors else { return unchanged(stream.diagnostics.filter { $0.severity == .error }) }
        guard stream.documents.contains(where: { $0.root.map(ManifestDecoder.isOurs) ?? false }) else {
            return unchanged([], isForeign: true)
        }
        switch layOut(source) {
        case .success(let bytes): return FormattedManifest(bytes: bytes, diagnostics: [], isForeign: false)
        case .failure(let doubt):
            let range = SourceRange(file: id, at: doubt.position)
            return unchanged([
                .error(
                    "fmt.unsure", "the layout was left as it is, because changing it might change what is said here",
                    at: range, help: "write this stretch more simply; it is no mistake of yours, so please report it")
            ])
        }
    }

    /// Whether a file may be ours: else it is another tool's, whatever state its YAML is in.
    private static func isSuspect(_ bytes: [UInt8]) -> Bool { bytes.firstRange(of: Array("mailkeel/".utf8)) != nil }

    private struct Doubt: Error { let position: SourcePosition }

    /// Lays out a text and makes sure that it says what it said, and that there is nothing left to do.
    private static func layOut(_ source: SourceFile) -> Result<[UInt8], Doubt> {
        guard let first = LayoutWriter.write(normalized(source.bytes)) else {
            return .failure(Doubt(position: .start))
        }
        let result = SourceFile(path: source.path, bytes: first.text)
        if let position = YAMLParser.firstDifference(source, result) { return .failure(Doubt(position: position)) }
        guard let second = LayoutWriter.write(first.text), second.text == first.text,
            second.comments == first.comments
        else { return .failure(Doubt(position: .start)) }
        return .success(first.text)
    }

    /// Without byte order mark, and with LF for CR LF and CR, which YAML takes for the same (YAML 1.2 section 5.4).
    private static func normalized(_ bytes: [UInt8]) -> [UInt8] {
        let start = bytes.starts(with: SourceFile.byteOrderMark) ? SourceFile.byteOrderMark.count : 0
        guard start > 0 || bytes.contains(UInt8(ascii: "\r")) else { return bytes }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = start
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            guard byte == UInt8(ascii: "\r") else {
                result.append(byte)
                continue
            }
            if index < bytes.count, bytes[index] == UInt8(ascii: "\n") { index += 1 }
            result.append(UInt8(ascii: "\n"))
        }
        return result
    }
}
