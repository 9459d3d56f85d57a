/// What a server said, fit to be shown: a stable code where its protocol has one, and its words, cleaned and capped.
package struct ServerAnswer: Sendable, Hashable, CustomStringConvertible {
    /// Something that a server sent beside its words.
    package struct Fact: Sendable, Hashable {
        /// As the server names it: `trace_id`.
        package let name: String
        /// Cleaned and capped.
        package let text: String

        package init(_ name: String, _ text: String) {
            self.name = name
            self.text = ForeignText(text).text
        }

        /// The name for people: `trace id`.
        package var label: String { name.replacing("_", with: " ") }
    }

    /// `invalid_client`, `AUTHENTICATIONFAILED`, `535 5.7.8`, `HTTP 503`; nil when the protocol gave none.
    package let code: String?
    package let words: ForeignText
    /// What a support case needs.
    package let facts: [Fact]

    package init(code: String?, words: ForeignText, facts: [Fact] = []) {
        self.code = code.map { ForeignText($0).text }
        self.words = words
        self.facts = facts
    }

    /// The same answer with these facts.
    package func adding(_ more: [Fact]) -> ServerAnswer {
        ServerAnswer(code: code, words: words, facts: facts + more)
    }

    package var description: String {
        guard let code else { return words.isEmpty ? "(nothing)" : words.text }
        return words.isEmpty ? code : "\(code): \(words.text)"
    }
}
