import KeelBase

extension OAuthFailure {
    /// A response without tokens: an OAuth error where there is one, else what can be said of status and body.
    init(refusal response: HTTPResponse, _ fields: JSONFields?, at now: Timestamp, withholding: [Secret]) {
        guard let fields else {
            self.init(wordless: response, at: now)
            return
        }
        let error = fields.text("error")
        let kind = error.map { Kind(errorCode: $0) } ?? .http(status: response.status)
        func words(_ names: [String]) -> String? {
            names.lazy.compactMap { fields.text($0) }.first.map { ForeignText(Self.cut(withholding, from: $0)).text }
        }
        self.init(
            kind,
            answer: ServerAnswer(
                code: words(["error"]) ?? "HTTP \(response.status)", words: ForeignText(words(Self.wordMembers) ?? "")),
            status: response.status,
            evidence: Evidence(
                codes: fields.list("error_codes") ?? [], description: fields.text("error_description"), words),
            transience: kind.transience(status: response.status),
            retryAfter: RetryAfter.seconds(response, at: now), clockSkew: ServerClock.skew(response, at: now))
    }

    /// A success that cannot be used.
    init(
        malformed malformation: Malformation, _ response: HTTPResponse, at now: Timestamp,
        rescuing refreshToken: Secret? = nil
    ) {
        let success = (200...299).contains(response.status)
        let kind = success ? Kind.malformed(malformation) : .http(status: response.status)
        self.init(
            kind, answer: ServerAnswer(code: "HTTP \(response.status)", words: ForeignText("")),
            status: response.status, evidence: .none,
            transience: kind.transience(status: response.status), retryAfter: RetryAfter.seconds(response, at: now),
            rescuedRefreshToken: success ? refreshToken : nil)
    }

    /// A body that is not JSON. Its words are not shown: a token could be among them.
    private init(wordless response: HTTPResponse, at now: Timestamp) {
        let form = BodyForm(response.body)
        let kind: Kind
        switch (response.status, form) {
        case (200...299, _): kind = .malformed(form.malformation)
        case (400, .empty), (401, .empty), (403, .empty): kind = .emptyRefusal(status: response.status)
        default: kind = .http(status: response.status)
        }
        self.init(
            kind,
            answer: ServerAnswer(code: "HTTP \(response.status)", words: ForeignText(form.phrase)),
            status: response.status, evidence: .none,
            transience: kind.transience(status: response.status), retryAfter: RetryAfter.seconds(response, at: now),
            clockSkew: ServerClock.skew(response, at: now))
    }

    /// Where servers put their words; the first is the standard's.
    private static let wordMembers = ["error_description", "errorSummary", "message", "detail", "title"]

    static func cut(_ secrets: [Secret], from text: String) -> String {
        // Shorter ones occur in words by chance, and a cut would then give them away.
        secrets.filter { $0.count >= 6 }.reduce(text) { $0.replacing($1.revealText(), with: "(withheld)") }
    }
}

/// What a body that is not a JSON object looks like.
enum BodyForm {
    case empty, html, other

    init(_ body: Secret) {
        let start = body.reveal().prefix(512).drop { $0 <= 0x20 || $0 == 0xEF || $0 == 0xBB || $0 == 0xBF }
        self = start.isEmpty ? .empty : start.first == UInt8(ascii: "<") ? .html : .other
    }

    var malformation: OAuthFailure.Malformation {
        switch self {
        case .empty: .bodyEmpty
        case .html: .bodyHTML
        case .other: .bodyNotJSON
        }
    }

    var phrase: String {
        switch self {
        case .empty: ""
        case .html: "(an HTML page)"
        case .other: "(neither JSON nor HTML)"
        }
    }
}
