import KeelBase

/// Why an OAuth endpoint gave no tokens or no metadata.
///
/// What it means and whose move it is stands in the providers' catalogue; here is what was said.
package struct OAuthFailure: Error, Sendable {
    package let kind: Kind
    /// What the endpoint said: its `error` and `error_description`, or its HTTP status.
    package let answer: ServerAnswer
    /// The HTTP status; nil when no response is the cause.
    package let status: Int?
    /// What the provider sent beside its words, as data.
    package let evidence: Evidence
    package let transience: Transience
    /// How long the server asked to wait, in seconds; at most a day.
    package let retryAfter: Int?
    /// Where metadata was looked for, and what came back.
    package let places: [MetadataPlace]
    /// The refresh token of a success that cannot be used otherwise. Where tokens rotate it is the only one that works
    /// from now on, so it has to be kept like any other.
    package let rescuedRefreshToken: Secret?
    /// How many seconds the server's clock is ahead of ours (behind, if negative), where it is more than a minute: assertions
    /// and ID tokens hold times.
    package let clockSkew: Int?

    /// What repeating the request can do.
    package enum Transience: String, Sendable {
        /// The same request may work later.
        case transient
        /// It will fail until a setting here or at the provider changes.
        case permanent
        /// It will fail until a person consents or signs in.
        case needsPerson = "needs_person"
    }

    /// The stable name of the kind: `invalid_client`.
    package var code: String { kind.code }

    package init(
        _ kind: Kind, answer: ServerAnswer, status: Int? = nil, evidence: Evidence, transience: Transience,
        retryAfter: Int? = nil, places: [MetadataPlace] = [], rescuedRefreshToken: Secret? = nil, clockSkew: Int? = nil
    ) {
        self.kind = kind
        self.answer = answer
        self.status = status
        self.evidence = evidence
        self.transience = transience
        self.retryAfter = retryAfter
        self.places = places
        self.rescuedRefreshToken = rescuedRefreshToken
        self.clockSkew = clockSkew
    }

    /// With the finer code and the id that a provider gave.
    package init(
        _ kind: Kind, answer: ServerAnswer, vendorCode: String? = nil, suberror: String? = nil,
        correlationID: String? = nil, transience: Transience, retryAfter: Int? = nil, places: [MetadataPlace] = []
    ) {
        let numbers = Evidence.leadingNumber(vendorCode ?? "").map { [$0] } ?? []
        self.init(
            kind, answer: answer,
            evidence: Evidence(numbers: numbers, suberror: suberror, correlationID: correlationID),
            transience: transience, retryAfter: retryAfter, places: places)
    }
}

extension OAuthFailure {
    /// What a provider's error holds beside `error` and its description: cleaned, capped, and what a support case needs.
    package struct Evidence: Sendable, Hashable {
        /// Microsoft's numbers, most telling first: 7000222 for `AADSTS7000222`.
        package var numbers: [Int] = []
        /// `suberror` (Microsoft; `error_subcode` in a redirect) or `error_subtype` (Google).
        package var suberror: String?
        package var traceID: String?
        package var correlationID: String?
        /// As the provider wrote it.
        package var timestamp: String?
        /// `error_uri` (RFC 6749 section 5.2).
        package var errorURI: String?

        package static let none = Evidence()

        package init(
            numbers: [Int] = [], suberror: String? = nil, traceID: String? = nil, correlationID: String? = nil,
            timestamp: String? = nil, errorURI: String? = nil
        ) {
            self.numbers = numbers
            self.suberror = suberror
            self.traceID = traceID
            self.correlationID = correlationID
            self.timestamp = timestamp
            self.errorURI = errorURI
        }
    }

    /// A finer code that some providers add as data: `AADSTS7000222`.
    package var vendorCode: String? { evidence.numbers.first.map { "AADSTS\($0)" } }
    package var suberror: String? { evidence.suberror }
    /// What the provider's support asks for: `correlation_id`, else `trace_id`.
    package var correlationID: String? { evidence.correlationID ?? evidence.traceID }

    /// The raw answer as data, under the names that providers use; nothing in it needs cleaning any more.
    package var json: JSON {
        .present(
            ("error", .string(answer.code ?? code)), ("error_description", Self.text(answer.words.text)),
            ("suberror", evidence.suberror.map(JSON.string)),
            ("error_codes", evidence.numbers.isEmpty ? nil : .array(evidence.numbers.map(JSON.integer))),
            ("trace_id", evidence.traceID.map(JSON.string)),
            ("correlation_id", evidence.correlationID.map(JSON.string)),
            ("timestamp", evidence.timestamp.map(JSON.string)), ("error_uri", evidence.errorURI.map(JSON.string)),
            ("status", status.map(JSON.integer)), ("retry_after", retryAfter.map(JSON.integer)),
            ("clock_skew", clockSkew.map(JSON.integer)))
    }

    private static func text(_ text: String) -> JSON? { text.isEmpty ? nil : .string(text) }
}

extension OAuthFailure: CustomStringConvertible {
    /// The code, then what the server said.
    package var description: String {
        let details = [kind.detail, vendorCode, suberror].compactMap { $0 }
        let said = answer.code == nil || answer.code == code ? answer.words.text : answer.description
        return ([code] + (said.isEmpty ? [] : [said])).joined(separator: ": ")
            + (details.isEmpty ? "" : " (" + details.joined(separator: ", ") + ")")
            + places.map { "; \($0)" }.joined()
    }
}
