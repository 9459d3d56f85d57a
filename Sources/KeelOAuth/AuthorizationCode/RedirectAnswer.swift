import KeelBase

/// What the browser brought back (RFC 6749 section 4.1.2): the parameters behind the redirect URI. Its values are secrets.
package struct RedirectAnswer: Sendable {
    /// Why a text is no answer. Nothing of the text is in it: a code could be.
    package enum Fault: Error, Sendable, Equatable {
        case empty
        case tooLong
        /// Neither an address nor its query.
        case noParameters
        /// A code without the rest.
        case bareCode
        /// The link that starts the flow.
        case requestItself
        case badEscape
        case repeated(ForeignText)
        case tooManyParameters
    }

    /// The longest text that is read, in bytes.
    package static let longest = 16_384

    private let parameters: [(name: String, value: Secret)]

    /// Reads what follows the `?` of the redirect.
    package init(query: Secret) throws(Fault) { try self.init(query.reveal()) }

    /// Reads what a person copied: the whole address of the page, or its query; with the line breaks and blanks that a
    /// terminal adds, and with quotes around it.
    package init(pasted: Secret) throws(Fault) {
        let text = Self.unwrapped(pasted)
        guard let question = text.firstIndex(of: UInt8(ascii: "?")) else {
            // Without one it is a query already, or the answer of a provider that puts it into the fragment.
            let bare = text[(text.firstIndex(of: UInt8(ascii: "#")).map { $0 + 1 } ?? 0)...]
            guard bare.isEmpty || Self.isQuery(bare) else {
                throw text.contains(Array("://".utf8)) ? .noParameters : .bareCode
            }
            try self.init(Array(bare))
            return
        }
        let end = text[question...].firstIndex(of: UInt8(ascii: "#")) ?? text.endIndex
        try self.init(Array(text[(question + 1)..<end]))
        if self["response_type"] != nil { throw .requestItself }
    }

    private init(_ query: [UInt8]) throws(Fault) {
        guard query.count <= Self.longest else { throw .tooLong }
        do throws(FormDecoding.Fault) {
            parameters = try FormDecoding.parameters(query)
        } catch {
            switch error {
            case .badEscape: throw .badEscape
            case .nameTwice(let name): throw .repeated(ForeignText(name))
            case .tooManyParameters: throw .tooManyParameters
            }
        }
        guard !parameters.isEmpty else { throw .empty }
    }

    /// The value of a parameter; nil when absent or empty.
    subscript(_ name: String) -> Secret? {
        parameters.first { $0.name == name && !$0.value.isEmpty }?.value
    }

    /// The same as text; nil too when it is not UTF-8.
    func text(_ name: String) -> String? { self[name].flatMap { String(validating: $0.reveal(), as: UTF8.self) } }

    /// Without what no address holds: blanks, the invisible characters of chats, `&amp;` of a page; and without what surrounds it:
    /// quotes, and the marks of a terminal that announces pasted text.
    private static func unwrapped(_ pasted: Secret) -> [UInt8] {
        var text = pasted.reveal()[...]
        for (mark, isFirst) in [(Array("\u{1B}[200~".utf8), true), (Array("\u{1B}[201~".utf8), false)] {
            guard let place = text.firstRange(of: mark) else { continue }
            text = isFirst ? text[place.upperBound...] : text[..<place.lowerBound]
        }
        var bytes = text.filter { $0 > 0x20 && $0 < 0x7F }
        bytes.replace(Array("&amp;".utf8), with: [UInt8(ascii: "&")])
        while let last = bytes.last, quotes.contains(last) { bytes.removeLast() }
        return Array(bytes.drop { quotes.contains($0) })
    }

    private static let quotes = Set("\"'<>`".utf8)

    /// Whether it begins as a parameter does: a name, then `=`. A bare code may end with one.
    private static func isQuery(_ text: ArraySlice<UInt8>) -> Bool {
        guard let mark = text.firstIndex(of: UInt8(ascii: "=")) else { return false }
        let name = String(decoding: text[..<mark], as: UTF8.self)
        return knownNames.contains(name)
    }

    private static let knownNames: Set<String> = [
        "code", "state", "error", "error_description", "error_uri", "iss", "scope", "session_state", "authuser",
        "prompt", "hd",
    ]
}

extension RedirectAnswer: CustomStringConvertible, CustomReflectable {
    /// The names alone; a code must not be seen.
    package var description: String {
        let names = parameters.map { ForeignText($0.name).text }
        return "an answer with " + names.joined(separator: ", ")
    }

    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension RedirectAnswer.Fault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .empty: "nothing is in it"
        case .tooLong: "it is longer than \(RedirectAnswer.longest) bytes"
        case .noParameters:
            "nothing follows the address; copy the whole line of the browser's address bar, from http to its end"
        case .bareCode:
            "it is a code alone, and nothing shows which request it answers; copy the whole line of the browser's "
                + "address bar, from http to its end"
        case .requestItself:
            "it is the link that starts the authorization; open it, consent, and copy the address of the page that comes last"
        case .badEscape: "it holds a % without two digits; a part of the address is missing"
        case .repeated(let name): "\(name) is in it twice (RFC 6749 section 3.1)"
        case .tooManyParameters: "it has more than \(FormDecoding.mostParameters) parameters"
        }
    }
}
