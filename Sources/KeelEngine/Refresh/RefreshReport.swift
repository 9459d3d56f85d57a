import KeelBase
import KeelVault

/// What became of a pass.
package struct RefreshReport: Sendable {
    package enum Outcome: Sendable {
        /// `next`: when it is renewed again; nil: when somebody needs a token.
        case renewed(expires: Timestamp?, next: Timestamp?)
        /// Another process was faster.
        case renewedElsewhere
        case failed(RenewalFailure)
        /// It stays due; nil: the time was up, or a signal came.
        case notAsked(because: RenewalFailure?)
    }

    /// One grant.
    package struct Row: Sendable {
        package let record: GrantRecord
        /// Whose grant it is.
        package let accounts: [ResourceAddress]
        package let outcome: Outcome
        package let elapsed: Duration
        /// How many seconds the provider's clock is ahead of this machine's, where it is more than a minute.
        package var clockSkew: Int?

        package var authorization: ResourceAddress {
            .authorization(profile: record.profile, subject: record.subject)
        }
        /// What the row means for whoever looks at the pass.
        package var meaning: Meaning {
            switch outcome {
            case .renewed, .renewedElsewhere: .fine
            case .notAsked: .passing
            case .failed(let failure):
                switch failure.failureClass {
                case .reauthorize?: record.type.needsPerson ? .needsPerson : .broken
                case .transient?, .throttled?, .network?: .passing
                case .fixClient?, .fixTenant?, .fixManifest?, .tls?, .ambiguous?, nil: .broken
                }
            }
        }
    }

    /// Whose move it is.
    package enum Meaning: String, Sendable {
        case fine
        /// Nobody's: it is tried again by itself.
        case passing
        /// The person's who consents.
        case needsPerson = "needs_person"
        /// Somebody's who has to mend something.
        case broken
    }

    /// A grant that an earlier pass gave up, and the accounts that it serves.
    package struct GivenUp: Sendable {
        package let record: GrantRecord
        package let accounts: [ResourceAddress]

        package var authorization: ResourceAddress {
            .authorization(profile: record.profile, subject: record.subject)
        }
    }

    package var rows: [Row] = []
    /// Grants in service that wait for somebody to act, beside those of this pass.
    package var givenUp: [GivenUp] = []
    /// Whether more were due than a pass may renew.
    package let hasMore: Bool
    /// How many grants were ended at their providers that could not be before, and why others still cannot.
    package var revoked = 0
    package var revocationFailures: [StepFailure] = []
    /// Retired grants whose time was over.
    package var purged = 0

    package init(hasMore: Bool = false) { self.hasMore = hasMore }

    /// How many rows mean that.
    package func count(_ meaning: Meaning) -> Int { rows.count { $0.meaning == meaning } }
}
