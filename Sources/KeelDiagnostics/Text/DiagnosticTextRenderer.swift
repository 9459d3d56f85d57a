import KeelBase

/// Writes diagnostics for people: the message, the source line with a caret under it, and what to do.
package struct DiagnosticTextRenderer: Sendable {
    private let sources: SourceMap
    private let style: TextStyle

    package init(sources: SourceMap, color: Bool) {
        self.sources = sources
        style = TextStyle(color: color)
    }

    /// One diagnostic in several lines, each ended by a line break.
    package func render(_ diagnostic: Diagnostic) -> String {
        let gutter = gutterWidth(diagnostic)
        var lines = [headline(diagnostic.severity, code: diagnostic.code, diagnostic.message)]
        if let range = diagnostic.range {
            lines += excerpt(range, gutter: gutter, placeOnly: diagnostic.hidesSource) {
                paint(diagnostic.severity, $0)
            }
        }
        lines += facts(diagnostic).map { fact in
            let label = style.bold(fact.label + ":")
            return "\(blank(gutter)) \(style.cyan("=")) \(label) \(TerminalText.clean(fact.text))"
        }
        for note in diagnostic.notes {
            guard let range = note.range else { continue }
            lines.append(headline(.note, code: nil, note.message))
            lines += excerpt(range, gutter: gutter) { style.cyan($0) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// All diagnostics in the report's order, an empty line between two.
    package func render(_ report: DiagnosticReport) -> String {
        report.sorted(in: sources).map(render).joined(separator: "\n")
    }

    private func facts(_ diagnostic: Diagnostic) -> [(label: String, text: String)] {
        var facts: [(label: String, text: String)] = []
        if let address = diagnostic.address { facts.append(("resource", address.description)) }
        if let answer = diagnostic.answer {
            facts.append(("server answered", answer.description))
            facts += answer.facts.map { ($0.label, $0.text) }
        }
        facts += diagnostic.notes.filter { $0.range == nil }.map { ("note", $0.message) }
        if let responsible = diagnostic.responsible { facts.append(("who must act", responsible.phrase)) }
        if let help = diagnostic.help { facts.append(("help", help)) }
        return facts
    }

    /// Whether the line names a secret but no source of one, so that what follows may be the secret itself.
    private static func mayHoldSecret(_ line: ArraySlice<UInt8>) -> Bool {
        let text = Array(line.map { $0 | 0x20 })
        return ["secret", "password"].contains { word in
            text.ranges(of: Array(word.utf8)).contains { name in
                var rest = text[name.upperBound...]
                // In quotes, as JSON has it, or with blanks before the colon.
                if let first = rest.first, first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
                    rest.removeFirst()
                }
                rest = rest.drop { $0 == UInt8(ascii: " ") }
                guard rest.first == UInt8(ascii: ":") else { return false }
                let value = rest.dropFirst().drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") | 0x20 }
                return !value.isEmpty && !value.starts(with: "${".utf8) && !isSource(value)
            }
        }
    }

    /// Whether a flow mapping begins here that names the source of a secret.
    private static func isSource(_ value: ArraySlice<UInt8>) -> Bool {
        guard value.first == UInt8(ascii: "{") else { return false }
        let names = value.dropFirst().drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\"") }
        return names.starts(with: "from".utf8) || names.starts(with: "version".utf8)
    }

    private func headline(_ severity: Diagnostic.Severity, code: String?, _ message: String) -> String {
        let kind = severity.rawValue + (code.map { "[\($0)]" } ?? "")
        return paint(severity, style.bold(kind)) + style.bold(": " + TerminalText.clean(message))
    }

    private func excerpt(
        _ range: SourceRange, gutter: Int, placeOnly: Bool = false, paint: (String) -> String
    ) -> [String] {
        let file = sources[range.file]
        let place = "\(TerminalText.clean(file.path)):\(range.start)"
        var lines = [blank(gutter) + style.cyan("-->") + " " + place]
        guard !placeOnly, range.start.line <= file.lineCount else { return lines }
        let bytes = file.line(range.start.line)
        guard !Self.mayHoldSecret(bytes) else { return lines }
        let end = range.end.line > range.start.line ? Int.max : range.end.column
        let shown = SourceExcerpt(line: bytes, start: range.start.column, end: end)
        let number = String(range.start.line)
        let bar = style.cyan("|")
        let caret = paint(String(repeating: "^", count: shown.width))
        lines.append("\(blank(gutter)) \(bar)")
        lines.append("\(blank(gutter - number.utf8.count))\(style.cyan(number)) \(bar) \(shown.text)")
        lines.append("\(blank(gutter)) \(bar) \(blank(shown.indent))\(caret)")
        return lines
    }

    /// Room for the largest line number, and a blank before it.
    private func gutterWidth(_ diagnostic: Diagnostic) -> Int {
        let ranges = [diagnostic.range] + diagnostic.notes.map(\.range)
        let largest = ranges.compactMap { $0?.start.line }.max() ?? 1
        return String(largest).utf8.count + 1
    }

    private func blank(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }

    private func paint(_ severity: Diagnostic.Severity, _ text: String) -> String {
        switch severity {
        case .error: style.red(text)
        case .warning: style.yellow(text)
        case .note: style.cyan(text)
        }
    }
}
