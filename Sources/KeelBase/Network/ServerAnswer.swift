/// What a server said, fit to be shown: a stable code where its protocol has one, and its words, cleaned and capped.
package struct ServerAnswer: Sendable, Hashable, CustomStringConvertible {
    /// `invalid_client`, `AUTHENTICATIONFAILED`, `535 5.7.8`, `HTTP 503`; nil when the protocol gave none.
    package let code: String?
    package let words: ForeignText

    package init(code: String?, words: ForeignText) {
        self.code = code.map { ForeignText($0).text }
        self.words = words
    }

    package var description: String {
        guard let code else { return words.isEmpty ? "(nothing)" : words.text }
        return words.isEmpty ? code : "\(code): \(words.text)"
    }
}
