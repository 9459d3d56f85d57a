import KeelBase

extension OAuthFailure {
    /// What may be done about it: the one place where an error of a provider becomes a class.
    ///
    /// Statuses that speak of load come first, then the provider's numbers as `known` has them (a catalogue's; numbers
    /// that it does not know decide nothing), the finer code, and the error. Text never counts. `grant` is the grant that
    /// was asked for, if any: a grant without a person has nobody who could authorize again.
    package func classified(
        grant: GrantType? = nil, known: (_ number: Int) -> FailureClass? = { _ in nil }
    ) -> FailureClass {
        // RFC 6585 section 4; RFC 9110 section 15.6.4.
        if status == 429 { return .throttled }
        if status == 503 { return .transient }
        if let found = numbered(known) ?? evidence.suberror.flatMap({ Self.finerCodes[$0] }) {
            // What a number asks a person for, nobody can give for an application: its registration has to be mended.
            return found == .reauthorize && grant?.isCache == true ? .fixClient : found
        }
        let general = kind.generalClass(status: status, transience: transience)
        guard let grant else { return general }
        return grant.needsPerson ? withPerson(general) : grant.isCache ? unattended(grant, general) : general
    }

    /// What the provider's numbers say, where somebody knows them.
    func numbered(_ known: (_ number: Int) -> FailureClass?) -> FailureClass? {
        evidence.numbers.lazy.filter { !(Self.malformed.contains($0) && speaksOfToken) }.compactMap(known).first
    }

    /// Whether the error is about what was shown, not about who showed it.
    var speaksOfToken: Bool {
        switch kind {
        case .invalidGrant, .invalidToken: true
        default: false
        }
    }

    /// Microsoft calls a request malformed. Beside `invalid_grant` that is the token or code in it, which no setting mends.
    static let malformed: Set<Int> = [9_002_313, 90023]

    /// Who unticked a scope can tick it the next time.
    private func withPerson(_ general: FailureClass) -> FailureClass {
        if case .insufficientScope = kind { .reauthorize } else { general }
    }

    /// Nobody can authorize such a grant again: what a person would mend is a setting there or here.
    private func unattended(_ grant: GrantType, _ general: FailureClass) -> FailureClass {
        switch kind {
        case .accessDenied, .interactionRequired, .loginRequired, .consentRequired, .accountSelectionRequired:
            .fixTenant
        // Google's word for a service account to which nobody delegated the domain.
        case .unauthorizedClient where grant == .jwtBearer: .fixTenant
        default: general == .reauthorize ? (grant == .jwtBearer ? .fixManifest : .fixClient) : general
        }
    }

    /// `suberror` (Microsoft's protocol reference of its authentication libraries) and `error_subtype` (Google).
    private static let finerCodes: [String: FailureClass] = [
        "bad_token": .reauthorize, "token_expired": .reauthorize, "basic_action": .reauthorize,
        "additional_action": .reauthorize, "consent_required": .reauthorize, "user_password_expired": .reauthorize,
        "client_mismatch": .reauthorize, "invalid_rapt": .reauthorize,
        // No sign-in resolves these: a policy forbids.
        "message_only": .fixTenant, "protection_policy_required": .fixTenant,
        "device_authentication_failed": .fixTenant,
    ]
}

extension OAuthFailure.Kind {
    fileprivate func generalClass(status: Int?, transience: OAuthFailure.Transience) -> FailureClass {
        switch self {
        case .serverError, .temporarilyUnavailable, .authorizationPending: .transient
        case .slowDown: .throttled
        case .invalidGrant, .accessDenied, .interactionRequired, .loginRequired, .consentRequired,
            .accountSelectionRequired, .expiredToken, .authorizationDeclined, .badVerificationCode, .invalidToken,
            .answerUnusable:
            .reauthorize
        case .invalidClient, .unauthorizedClient: .fixClient
        case .insufficientScope: .fixTenant
        case .invalidRequest, .unsupportedGrantType, .invalidScope, .unsupportedResponseType, .invalidTarget,
            .invalidIssuer, .metadataMismatch:
            .fixManifest
        case .metadataNotFound: transience == .transient ? .transient : .fixManifest
        case .unrecognized, .http: Self.isPassing(status ?? 0) ? .transient : .ambiguous
        // A proxy, a login page or a wrong secret look alike here, and none of them is the grant's fault.
        case .emptyRefusal, .malformed, .unsupportedTokenType: .ambiguous
        }
    }
}

extension FailureClass {
    /// What a connection that failed means.
    package init(_ failure: ConnectionFailure) {
        switch failure {
        case .nameNotResolved, .refused, .unreachable, .timedOut, .closed, .proxy, .other: self = .network
        case .tls, .injected, .trustUnusable: self = .tls
        }
    }
}
