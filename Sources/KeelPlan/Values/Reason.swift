import KeelBase

/// Why something is done, for people and, by its code, for machines.
package struct Reason: Sendable, Hashable {
    /// Stable words; the text beside one may differ from run to run.
    package enum Code: String, Sendable, CaseIterable {
        /// The manifest says the same in another way.
        case reworded
        /// What a preset gives has changed since it was committed.
        case presetMoved = "preset-moved"
        /// A known credential would meet a host or an authority that it never met.
        case newHost = "new-host"
        case neverProven = "never-proven"
        /// Committed without a login, as the manifest wants.
        case unproven
        case lastAttemptFailed = "last-attempt-failed"
        /// Its slot gets another grant, with which it must be proven.
        case newGrant = "new-grant"
        /// Its slot has another grant than the one that proved it.
        case otherGrant = "other-grant"
        /// The profile is another application or another provider's.
        case otherApplication = "other-application"
        /// The profile's credentials, trust or scopes change.
        case otherCredentials = "other-credentials"
        /// Its slot's grant goes on under other terms, with which it must be proven.
        case renewedGrant = "renewed-grant"
        case neverObtained = "never-obtained"
        case grantRetired = "grant-retired"
        case grantMissing = "grant-missing"
        /// A grant is there that fits: an earlier consent is not thrown away.
        case adopted
        /// The provider renews its grant no more until somebody consents again.
        case reauthorize
        /// Its grant ends soon.
        case nearHorizon = "near-horizon"
        /// Why a grant that is replaced or removed is not ended at the provider.
        case notRevoked = "not-revoked"
        case requested
        case moved
        /// A record at a keeper that an earlier run began and did not finish.
        case unfinished
        case notDeclared = "not-declared"
        case notNeeded = "not-needed"
        /// A `Removed` document asks to stop managing it.
        case released
        /// What the keeper does by itself when the change is made.
        case implicit
    }

    package let code: Code
    package let text: String

    package init(_ code: Code, _ text: String) {
        self.code = code
        self.text = text
    }
}
