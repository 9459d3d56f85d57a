import KeelDiagnostics

extension YAMLParser {
    /// Where a source first says something else than another, or says it in another style; nil if they agree.
    ///
    /// Kinds, texts, styles, tags and anchors are compared, node by node. Blanks and comments are not.
    package static func firstDifference(_ source: SourceFile, _ other: SourceFile) -> SourcePosition? {
        var difference: SourcePosition?
        EventReader.read(source) { reader in
            EventReader.read(other) { difference = firstDifference(reader, $0) }
        }
        return difference
    }

    private static func firstDifference(_ reader: EventReader, _ other: EventReader) -> SourcePosition? {
        var last = SourcePosition.start
        var text: [UInt8] = []
        var otherText: [UInt8] = []
        do throws(SyntaxFault) {
            while true {
                let event = try reader.next()
                last = reader.start
                guard event == (try other.next()), reader.anchor == other.anchor, reader.tag == other.tag,
                    reader.style == other.style
                else { return last }
                text.removeAll(keepingCapacity: true)
                otherText.removeAll(keepingCapacity: true)
                _ = reader.appendText(to: &text)
                _ = other.appendText(to: &otherText)
                guard text == otherText else { return last }
                if event == .streamEnd { return nil }
            }
        } catch {
            return last
        }
    }
}
