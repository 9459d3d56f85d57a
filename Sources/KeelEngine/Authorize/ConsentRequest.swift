import KeelBase
import KeelDiagnostics
import KeelModel
import KeelPlan

/// What somebody is asked to consent to: one slot, by what the plan knows of it.
package struct ConsentRequest: Sendable {
    package let slot: ResourceAddress
    package let work: AuthorizeWork
    /// Who waits for it.
    package let accounts: [ResourceAddress]

    package init(slot: ResourceAddress, work: AuthorizeWork, accounts: [ResourceAddress]) {
        self.slot = slot
        self.work = work
        self.accounts = accounts
    }

    /// All that the plan asks a person for, in the order of its steps.
    package static func all(in plan: Plan, _ desired: EffectiveSet) -> [ConsentRequest] {
        let accounts = Dictionary(
            desired.authorizations.map { ($0.address, $0.accounts) }, uniquingKeysWith: { first, _ in first })
        return plan.authorized.compactMap { step in
            guard case .authorize(let work) = step.work else { return nil }
            switch work.way {
            case .request, .adopt, .refresh(_, .again), .refresh(_, .narrower): return nil
            // A refresh for more may be refused, and then a person is needed; whoever sits here need not wait for that.
            case .refresh(_, .wider), .consent:
                return ConsentRequest(
                    slot: step.id.address, work: work, accounts: accounts[step.id.address] ?? [])
            }
        }
    }

    package var client: ClientWork { work.client }

    /// The host at which the person will be asked, as far as the plan knows it.
    package var host: String? {
        let known =
            switch client.grant {
            case .deviceCode: client.endpoints.deviceAuthorization
            default: client.endpoints.authorization
            }
        return known?.authority.description ?? client.issuer
    }
}

/// A consent that was begun, and waits in the vault until somebody gives it.
package struct BegunConsent: Sendable {
    package let request: ConsentRequest
    /// From then on it cannot be finished.
    package let expires: Timestamp
    package let ask: Ask

    /// What the person is to do.
    package enum Ask: Sendable {
        /// To open this link.
        case link(String)
        /// To enter a code at an address; `complete` is the address with the code in it, where the provider has one.
        case code(String, at: String, complete: String?)
    }
}

/// A consent that was given: a candidate in the vault.
package struct GivenConsent: Sendable {
    package let slot: ResourceAddress
    package let grant: String
    package let scopes: [String]
    /// Whether the provider named who consented, and it is who was meant.
    package let isVerified: Bool
    /// Why it is not known yet whether it is the person who was accepted before; who applies asks again.
    package let doubt: Diagnostic?
}
