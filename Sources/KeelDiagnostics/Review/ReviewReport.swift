import KeelBase

/// The diagnostics of a run as tools for code review get them: each with the path of its file as those tools name it, and a
/// name of its own by which they tell an old finding from a new one.
package struct ReviewReport: Sendable {
    /// One diagnostic.
    struct Finding: Sendable {
        let diagnostic: Diagnostic
        /// Nil: it concerns no single file.
        let path: String?
        /// Stays the same when lines are added above it.
        let fingerprint: String
    }

    /// In the order of the report.
    let findings: [Finding]
    /// The files that were read, each once, in order.
    let files: [String]
    let sources: SourceMap
    /// The path that review tools are given for a path of `sources`.
    let located: @Sendable (String) -> String

    /// `located` turns a path as diagnostics show it into one as the repository names it.
    package init(
        _ report: DiagnosticReport, in sources: SourceMap, located: @escaping @Sendable (String) -> String = { $0 }
    ) {
        self.sources = sources
        self.located = located
        files = Set(sources.files.map { located($0.path) }).sorted()
        var repeated: [UInt64: Int] = [:]
        findings = report.sorted(in: sources).map { diagnostic in
            let path = diagnostic.range.map { located(sources[$0.file].path) }
            let name = Fingerprint(
                diagnostic.code, path ?? "", diagnostic.address?.description ?? "", diagnostic.message)
            let number = repeated[name.value, default: 0]
            repeated[name.value] = number + 1
            return Finding(
                diagnostic: diagnostic, path: path, fingerprint: name.adding("\(number)").hexadecimal)
        }
    }
}

extension ReviewReport.Finding {
    /// What is wrong, with the resource and the server's words, in one line.
    var summary: String {
        let address = diagnostic.address.map { "\($0.description): " } ?? ""
        let answer = diagnostic.answer.map { "; the server answered \($0.description)" } ?? ""
        return TerminalText.clean(address + diagnostic.message + answer)
    }

    var help: String? { diagnostic.help.map(TerminalText.clean) }
}

/// A name for a finding, made of what does not change when other lines do: FNV-1a with 64 bits, which is no secret and guards
/// nothing.
private struct Fingerprint {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    init(_ parts: String...) { for part in parts { add(part) } }

    func adding(_ part: String) -> Fingerprint {
        var copy = self
        copy.add(part)
        return copy
    }

    private mutating func add(_ part: String) {
        for byte in part.utf8 { mix(byte) }
        // No text holds it, so that two parts are not mistaken for others of the same letters.
        mix(0xFF)
    }

    private mutating func mix(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }

    var hexadecimal: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
