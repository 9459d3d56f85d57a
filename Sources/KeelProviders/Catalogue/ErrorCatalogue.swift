import KeelBase

/// What an endpoint's answer says of its error, as data; its words are not among it, because they change.
package struct ErrorSigns: Sendable {
    /// The `error` member, or a code of ours for an answer that had none.
    package var error: String
    /// `suberror` (Microsoft) or `error_subtype` (Google).
    package var suberror: String?
    /// Microsoft's `error_codes`.
    package var numbers: [Int]
    /// Whose endpoint it is, where that is known.
    package var origin: ErrorOrigin?
    /// The grant of a first request; nil for a renewal and for what is no token request.
    package var grant: GrantType?

    package init(
        _ error: String, suberror: String? = nil, numbers: [Int] = [], origin: ErrorOrigin? = nil,
        grant: GrantType? = nil
    ) {
        self.error = error
        self.suberror = suberror
        self.numbers = numbers
        self.origin = origin
        self.grant = grant
    }
}

/// All errors of providers that are known. Replies of mail servers are not among them yet.
package enum ErrorCatalogue {
    /// Origin by origin, in the order in which people are shown them.
    package static let all: [ProviderError] =
        ProviderError.specified + ProviderError.findings
        + ProviderError.microsoftApplications + ProviderError.microsoftAccounts + ProviderError.microsoftGrants
        + ProviderError.microsoftPolicies + ProviderError.microsoftRequests + ProviderError.microsoftErrors
        + ProviderError.google + ProviderError.others

    private struct Key: Hashable {
        let origin: ErrorOrigin
        let sign: ProviderError.Sign
    }

    private static let rows = Dictionary(
        all.map { (Key(origin: $0.origin, sign: $0.sign), $0) }, uniquingKeysWith: { first, _ in first })

    private static let byName = Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

    /// The row that says most about an answer: the finest code that is known, at this provider before any other.
    package static func entry(for signs: ErrorSigns) -> ProviderError? {
        for number in signs.numbers {
            if let row = rows[Key(origin: .microsoft, sign: .number(number))] { return row }
        }
        if let suberror = signs.suberror {
            let origins = signs.origin.map { [$0] } ?? ErrorOrigin.allCases
            for origin in origins {
                if let row = rows[Key(origin: origin, sign: .suberror(suberror))] { return row }
            }
        }
        for origin in [signs.origin, .oauth].compactMap({ $0 }) {
            if let grant = signs.grant, let row = rows[Key(origin: origin, sign: .errorOf(grant, signs.error))] {
                return row
            }
            if let row = rows[Key(origin: origin, sign: .error(signs.error))] { return row }
        }
        // What one provider alone says, wherever it is said.
        return all.first { $0.sign == .error(signs.error) }
    }

    /// The class of one of Microsoft's numbers; nil for one that is not known.
    package static func failureClass(number: Int) -> FailureClass? {
        rows[Key(origin: .microsoft, sign: .number(number))]?.failureClass
    }

    /// The row of exactly this name, such as `AADSTS7000222` or `google.invalid_grant`.
    package static func entry(named name: String) -> ProviderError? { byName[name] }

    /// The rows that a person means by these words: a name or a part of it, a number, `google invalid_grant`.
    ///
    /// What any provider may say comes first, then what one of them means by the same code.
    package static func entries(meant text: String) -> [ProviderError] {
        let words = text.lowercased().split { $0 == " " || $0 == ":" || $0 == "," }.map(String.init)
        guard let last = words.last, words.count <= 2 else { return [] }
        if let number = number(last) {
            return rows[Key(origin: .microsoft, sign: .number(number))].map { [$0] } ?? []
        }
        let name = words.joined(separator: ".")
        if let row = byName[name] { return [row] + all.filter { $0.name.hasPrefix(name + ".") } }
        return words.count == 1 ? all.filter { $0.code == last } : []
    }

    /// Microsoft's number in `AADSTS7000222`, `aadsts7000222` or `7000222`.
    package static func number(_ text: String) -> Int? {
        let digits = text.lowercased().hasPrefix("aadsts") ? text.dropFirst(6) : text[...]
        guard digits.count >= 5, digits.count <= 9, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(digits)
    }
}
