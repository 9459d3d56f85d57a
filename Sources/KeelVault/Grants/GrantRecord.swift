import KeelBase

/// Where a grant is in its life.
package enum GrantStatus: String, Sendable, CaseIterable {
    /// Issued, not proven yet by a login.
    case candidate
    /// An account uses it, or did when it was promoted.
    case current
    /// Replaced or forgotten; kept sealed for a while.
    case retired
}

/// What may be known of a grant without any key.
package struct GrantRecord: Sendable, Hashable {
    package let id: GrantID
    /// The name of the OAuth profile.
    package let profile: String
    /// The identity that consents or is acted for; `(app)` for the application itself.
    package let subject: String
    /// A digest of the client (its id and issuer), given by the caller: another client, another grant.
    package let clientDigest: String
    /// The issuer as the provider named it; nil: not verified.
    package let issuer: String?
    /// The subject as the provider named it. Without an issuer it is only what the tokens themselves said.
    package let providerSubject: String?
    package let type: GrantType
    /// The scopes as granted, in order.
    package let scopes: [String]
    package let status: GrantStatus
    /// Goes up with each set of tokens.
    package let generation: Int
    package let created: Timestamp
    package let updated: Timestamp
    package let retired: Timestamp?
    /// When the access token expires; nil if the server did not say or there is none.
    package let accessExpires: Timestamp?
    /// When to renew; nil: never without somebody's action.
    package let renewalDue: Timestamp?
    /// Failures since the last success.
    package let renewalFailures: Int
    /// The stable code of the last failure; nil after a success.
    package let renewalProblem: String?
    /// What kind of trouble the last failure was; nil after a success, and where it was not of the provider.
    package let renewalProblemClass: FailureClass?
    /// When the refresh token dies if it is not used; nil: unknown or never.
    package let refreshHorizon: Timestamp?
    /// The run that obtained the grant.
    package let run: String

    /// Whether the provider named who consented, and that was found to be who was meant.
    package var isVerified: Bool { issuer != nil && providerSubject != nil }
}

/// A grant as it is about to be stored.
package struct GrantDraft: Sendable {
    package var profile: String
    package var subject: String
    package var clientDigest: String
    package var issuer: String?
    package var providerSubject: String?
    package var type: GrantType
    package var run: String
    /// Whether it was looked at and refused: then it is out of service from the beginning, and only kept.
    package var isRefused = false

    package init(
        profile: String, subject: String, clientDigest: String, issuer: String? = nil, providerSubject: String? = nil,
        type: GrantType, run: String
    ) {
        self.profile = profile
        self.subject = subject
        self.clientDigest = clientDigest
        self.issuer = issuer
        self.providerSubject = providerSubject
        self.type = type
        self.run = run
    }
}

/// What a token endpoint gave, with the times that follow from it.
package struct IssuedTokens: Sendable {
    /// Nil if only a refresh token is known (an import).
    package var access: Secret?
    package var accessExpires: Timestamp?
    /// Nil if the server gave none: a refresh token stored before stays in use (RFC 6749 section 6).
    package var refresh: Secret?
    package var refreshHorizon: Timestamp?
    /// The scopes as granted.
    package var scopes: [String]
    package var renewalDue: Timestamp?

    package init(
        access: Secret?, accessExpires: Timestamp?, refresh: Secret? = nil, refreshHorizon: Timestamp? = nil,
        scopes: [String], renewalDue: Timestamp? = nil
    ) {
        self.access = access
        self.accessExpires = accessExpires
        self.refresh = refresh
        self.refreshHorizon = refreshHorizon
        self.scopes = scopes
        self.renewalDue = renewalDue
    }
}

/// An access token from the vault.
package struct AccessToken: Sendable {
    package let secret: Secret
    package let obtained: Timestamp
    /// Nil if the server did not say.
    package let expires: Timestamp?
    package let generation: Int

    package init(secret: Secret, obtained: Timestamp, expires: Timestamp?, generation: Int) {
        self.secret = secret
        self.obtained = obtained
        self.expires = expires
        self.generation = generation
    }
}

/// A refresh token from the vault.
package struct RefreshToken: Sendable {
    package enum State: String, Sendable {
        /// The one to use.
        case current
        /// Received by a writer that came second; nobody knows yet whether the server still takes it.
        case pending
        /// The one before, kept until the current one has worked.
        case previous
    }

    package let secret: Secret
    package let generation: Int
    package let state: State
}

/// All that a renewal starts from.
package struct RenewalBasis: Sendable {
    package let record: GrantRecord
    package let recipe: StoredRecipe
    package let access: AccessToken?
    /// In the order in which to try them.
    package let refresh: [RefreshToken]
    /// Rotations that were begun and of which nobody knows what became of them: the server may have issued what was
    /// never seen here.
    package let interrupted: [Intent]
}
