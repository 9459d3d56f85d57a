import KeelBase

/// An error that a provider answers with: what it means, whose move it is, and what mends it. One row of the catalogue.
package struct ProviderError: Sendable, Equatable {
    /// Where the code stands in an answer, and what else has to be so.
    package enum Sign: Sendable, Hashable {
        /// In `error_codes` (Microsoft): `AADSTS` and this number.
        case number(Int)
        /// In `suberror` (Microsoft) or `error_subtype` (Google), whatever `error` says.
        case suberror(String)
        /// In `error`.
        case error(String)
        /// In `error`, after a first request by this grant. A renewal is none.
        case errorOf(GrantType, String)
    }

    package let origin: ErrorOrigin
    package let sign: Sign
    /// The plain cause, one sentence without a full stop.
    package let cause: String
    /// Its class; a decision never hangs on it, because providers move their finer codes.
    package let failureClass: FailureClass
    package let responsible: Responsible
    /// The command or setting that mends it; it begins with a verb and has no full stop.
    package let fix: String
    /// What else people should know, in whole sentences.
    package let more: String?

    init(
        _ origin: ErrorOrigin, _ sign: Sign, _ cause: String, _ failureClass: FailureClass,
        by responsible: Responsible? = nil, fix: String, more: String? = nil
    ) {
        self.origin = origin
        self.sign = sign
        self.cause = cause
        self.failureClass = failureClass
        self.responsible = responsible ?? failureClass.responsible
        self.fix = fix
        self.more = more
    }
}

extension ProviderError {
    /// The code as the provider writes it: `AADSTS7000222`, `invalid_grant`.
    package var code: String {
        switch sign {
        case .number(let number): "\(Self.numberPrefix)\(number)"
        case .suberror(let code), .error(let code), .errorOf(_, let code): code
        }
    }

    /// The name that no other row has: `AADSTS7000222`, `google.invalid_grant`, `oauth.invalid_grant.jwt_bearer`.
    package var name: String {
        switch sign {
        case .number: code
        case .suberror, .error: "\(origin.rawValue).\(code)"
        case .errorOf(let grant, _): "\(origin.rawValue).\(code).\(grant.rawValue)"
        }
    }

    /// The provider's page about the code; nil where it has none.
    package var link: String? {
        guard case .number(let number) = sign else { return nil }
        return Self.link(number: number)
    }

    /// The page that Microsoft keeps for any of its numbers, known here or not.
    package static func link(number: Int) -> String { "https://login.microsoftonline.com/error?code=\(number)" }

    /// What stands before Microsoft's numbers in its words.
    package static let numberPrefix = "AADSTS"

    package var meaning: Meaning { Meaning(cause, responsible, fix, failureClass) }
}

extension ProviderError {
    /// One of Microsoft's numbers.
    static func entra(
        _ number: Int, _ cause: String, _ failureClass: FailureClass, by responsible: Responsible? = nil, fix: String,
        more: String? = nil
    ) -> ProviderError {
        ProviderError(.microsoft, .number(number), cause, failureClass, by: responsible, fix: fix, more: more)
    }

    /// An `error` of this origin.
    static func error(
        _ origin: ErrorOrigin, _ code: String, _ cause: String, _ failureClass: FailureClass,
        by responsible: Responsible? = nil, fix: String, more: String? = nil
    ) -> ProviderError {
        ProviderError(origin, .error(code), cause, failureClass, by: responsible, fix: fix, more: more)
    }
}
