import KeelBase

/// What `--selector` says, in the words of Kubernetes: `team=desk,tier!=test,region in (emea,apac),!legacy`.
///
/// Every requirement must hold. As in Kubernetes, `!=` and `notin` hold for what has no such label.
package struct LabelSelector: Sendable, Hashable {
    private struct Requirement: Hashable {
        enum Rule: Hashable {
            case exists
            case absent
            case among(Set<String>)
            case notAmong(Set<String>)
        }

        let label: String
        let rule: Rule

        func holds(_ labels: [String: String]) -> Bool {
            switch rule {
            case .exists: labels[label] != nil
            case .absent: labels[label] == nil
            case .among(let values): labels[label].map(values.contains) ?? false
            case .notAmong(let values): labels[label].map { !values.contains($0) } ?? true
            }
        }
    }

    /// As it was written.
    package let text: String
    private var requirements: [Requirement] = []

    /// Why a text is no selector.
    package struct Fault: Error, Sendable, Equatable, CustomStringConvertible {
        /// Where it was noticed, in characters from the start, counted from one.
        package let column: Int
        package let reason: String

        package var description: String { "at character \(column): \(reason)" }
    }

    package init(parsing text: String) throws(Fault) {
        self.text = text
        var reader = Reader(text)
        repeat { requirements.append(try Self.requirement(&reader)) } while reader.take(",")
        guard reader.isAtEnd else { throw reader.fault("a comma stands between requirements") }
    }

    /// Whether a resource with these labels is selected.
    package func matches(_ labels: [String: String]) -> Bool { requirements.allSatisfy { $0.holds(labels) } }

    /// The labels that it looks at.
    package var labels: Set<String> { Set(requirements.map(\.label)) }

    private static func requirement(_ reader: inout Reader) throws(Fault) -> Requirement {
        if reader.take("!") {
            return Requirement(label: try reader.word("the name of a label follows !"), rule: .absent)
        }
        let label = try reader.word("the name of a label is missing")
        if reader.take("!=") { return Requirement(label: label, rule: .notAmong([try value(&reader)])) }
        if reader.take("==") || reader.take("=") {
            return Requirement(label: label, rule: .among([try value(&reader)]))
        }
        guard let operation = reader.operation() else { return Requirement(label: label, rule: .exists) }
        switch operation {
        case "in": return Requirement(label: label, rule: .among(try values(&reader)))
        case "notin": return Requirement(label: label, rule: .notAmong(try values(&reader)))
        default:
            throw reader.fault("\(quoted(operation)) is unknown here; write =, !=, in or notin")
        }
    }

    private static func value(_ reader: inout Reader) throws(Fault) -> String {
        try reader.word("the value is missing")
    }

    private static func values(_ reader: inout Reader) throws(Fault) -> Set<String> {
        guard reader.take("(") else { throw reader.fault("the values stand in parentheses: in (desk,sales)") }
        var values: Set<String> = []
        repeat { values.insert(try value(&reader)) } while reader.take(",")
        guard reader.take(")") else { throw reader.fault("the list of values is not closed by )") }
        return values
    }

    /// Reads words and signs, with spaces between them.
    private struct Reader {
        private let characters: [Character]
        private var index = 0

        init(_ text: String) {
            characters = Array(text)
            skipSpaces()
        }

        var isAtEnd: Bool { index == characters.count }

        mutating func take(_ sign: String) -> Bool {
            guard characters[index...].starts(with: sign) else { return false }
            index += sign.count
            skipSpaces()
            return true
        }

        mutating func word(_ reason: String) throws(Fault) -> String {
            let word = String(characters[index...].prefix { !"=!(), \t".contains($0) })
            guard !word.isEmpty else { throw fault(reason) }
            index += word.count
            skipSpaces()
            return word
        }

        /// The word that stands before a parenthesis or another requirement; nil if none does.
        mutating func operation() -> String? {
            guard !isAtEnd, characters[index] != "," else { return nil }
            return try? word("")
        }

        func fault(_ reason: String) -> Fault { Fault(column: index + 1, reason: reason) }

        private mutating func skipSpaces() {
            while index < characters.count, characters[index] == " " || characters[index] == "\t" { index += 1 }
        }
    }
}
