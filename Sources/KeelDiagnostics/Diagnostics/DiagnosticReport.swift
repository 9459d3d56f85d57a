import KeelBase

/// The diagnostics of a run: all of them are collected before anything stops.
package struct DiagnosticReport: Sendable {
    package private(set) var diagnostics: [Diagnostic] = []

    package init(_ diagnostics: [Diagnostic] = []) { self.diagnostics = diagnostics }

    package var isEmpty: Bool { diagnostics.isEmpty }

    package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    package func count(of severity: Diagnostic.Severity) -> Int {
        diagnostics.reduce(0) { $0 + ($1.severity == severity ? 1 : 0) }
    }

    package mutating func append(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

    package mutating func append(contentsOf more: some Sequence<Diagnostic>) { diagnostics.append(contentsOf: more) }

    /// Keeps one of those that say the same of the same place, as the accounts of a set do about what its template says to all
    /// of them. Which resource it is about is then no longer said.
    package mutating func mergeRepeats() {
        var first: [Repeat: Int] = [:]
        var merged: [Diagnostic] = []
        for diagnostic in diagnostics {
            guard let range = diagnostic.range else {
                merged.append(diagnostic)
                continue
            }
            let key = Repeat(code: diagnostic.code, message: diagnostic.message, range: range)
            if let earlier = first[key] {
                if merged[earlier].address != diagnostic.address { merged[earlier].address = nil }
            } else {
                first[key] = merged.count
                merged.append(diagnostic)
            }
        }
        diagnostics = merged
    }

    private struct Repeat: Hashable {
        let code: String
        let message: String
        let range: SourceRange
    }

    /// By file path, line, column and code; what has no place comes last, by address and code. Equals keep their order.
    package func sorted(in sources: SourceMap) -> [Diagnostic] {
        diagnostics.enumerated()
            .map { (key: SortKey($1, number: $0, sources), diagnostic: $1) }
            .sorted { $0.key < $1.key }
            .map(\.diagnostic)
    }

    /// `2 errors, 1 warning`; nil when there is neither.
    package var summary: String? {
        let parts = [(count(of: .error), "error"), (count(of: .warning), "warning")]
            .filter { $0.0 > 0 }
            .map { "\($0.0) \($0.1)" + ($0.0 == 1 ? "" : "s") }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }
}

private struct SortKey: Comparable {
    let path: String?
    let file: SourceFileID?
    let position: SourcePosition
    let address: ResourceAddress?
    let code: String
    let number: Int

    init(_ diagnostic: Diagnostic, number: Int, _ sources: SourceMap) {
        file = diagnostic.range?.file
        path = file.map { sources[$0].path }
        position = diagnostic.range?.start ?? .start
        address = diagnostic.address
        code = diagnostic.code
        self.number = number
    }

    static func < (left: SortKey, right: SortKey) -> Bool {
        if left.path != right.path { return precedes(left.path, right.path) }
        if left.file != right.file { return precedes(left.file, right.file) }
        if left.position != right.position { return left.position < right.position }
        if left.path == nil, left.address != right.address { return precedes(left.address, right.address) }
        return (left.code, left.number) < (right.code, right.number)
    }

    /// Nothing comes last.
    private static func precedes<Value: Comparable>(_ left: Value?, _ right: Value?) -> Bool {
        guard let left else { return false }
        guard let right else { return true }
        return left < right
    }
}
