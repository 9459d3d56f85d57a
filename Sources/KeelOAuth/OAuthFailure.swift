import KeelBase

/// Why an OAuth endpoint gave no tokens or no metadata.
///
/// What it means and whose move it is stands in the providers' catalogue; here is what was said.
package struct OAuthFailure: Error, Sendable {
    package let kind: Kind
    /// What the endpoint said: its `error` and `error_description`, or its HTTP status.
    package let answer: ServerAnswer
    /// A finer code that some providers add as data: `AADSTS7000222`.
    package let vendorCode: String?
    /// `suberror` (Microsoft) or `error_subtype` (Google), cleaned.
    package let suberror: String?
    /// What the provider's support asks for: `correlation_id`, else `trace_id`, cleaned.
    package let correlationID: String?
    package let transience: Transience
    /// How long the server asked to wait, in seconds; at most a day.
    package let retryAfter: Int?
    /// Where metadata was looked for, and what came back.
    package let places: [MetadataPlace]

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
        _ kind: Kind, answer: ServerAnswer, vendorCode: String? = nil, suberror: String? = nil,
        correlationID: String? = nil, transience: Transience, retryAfter: Int? = nil, places: [MetadataPlace] = []
    ) {
        self.kind = kind
        self.answer = answer
        self.vendorCode = vendorCode
        self.suberror = suberror
        self.correlationID = correlationID
        self.transience = transience
        self.retryAfter = retryAfter
        self.places = places
    }
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
