import KeelBase
import KeelDiagnostics
import KeelModel
import KeelState

/// Derives the plan from what is wanted, what is committed and what was observed. Pure and synchronous.
package struct Planner {
    /// The plan; only to be used if `diagnostics` holds no error.
    package let plan: Plan
    /// Why parts of what is wanted cannot be planned.
    package let diagnostics: [Diagnostic]

    package init(_ input: PlanInput) {
        var draft = PlanDraft(input)
        draft.checkReplacements()
        for profile in input.desired.profiles { draft.compare(profile) }
        for authorization in draft.authorizations { draft.compare(authorization) }
        for account in draft.accounts { draft.compare(account) }
        draft.addAuthorizationSteps()
        draft.addProfileSteps()
        draft.addAccountSteps()
        draft.planRemovals()
        draft.planRevocations()
        draft.addNotes()
        diagnostics = draft.diagnostics
        plan = draft.finish()
    }
}

/// The plan while it grows: first each address is compared, then steps follow from the comparisons.
struct PlanDraft {
    let input: PlanInput
    let renames: Renames
    let profiles: [ResourceAddress: EffectiveProfile]
    /// The slots that the vault fills.
    var authorizations: [EffectiveAuthorization] = []
    /// As wanted, but for fields whose changes are to be ignored.
    var accounts: [EffectiveAccount] = []
    var changes: [ResourceAddress: Change] = [:]
    var steps: [Step] = []
    var notes: [PlanNote] = []
    var diagnostics: [Diagnostic] = []
    /// What `diagnostics` says already, so that a thousand accounts with one cause are one diagnostic.
    var explained: Set<Diagnostic> = []
    /// The last step of each address that others wait for.
    var recordSteps: [ResourceAddress: StepID] = [:]
    /// Profiles whose change asks for new tokens, with the reason.
    var profileCauses: [ResourceAddress: TokenCause] = [:]
    /// Authorizations to be obtained, with how.
    var authorizing: [ResourceAddress: AuthorizeWork.Way] = [:]
    /// What was found out about the accounts that change.
    var comparisons: [ResourceAddress: AccountComparison] = [:]
    /// What must be known before tokens of a profile can be asked for.
    var preparations: [ResourceAddress: [StepID]] = [:]
    /// The step that shows that a profile's client is accepted.
    var usableSteps: [ResourceAddress: StepID] = [:]
    /// What slots remember of each profile.
    let bases: [ResourceAddress: SlotBasis]
    /// The hosts that the grant of a slot has met.
    var knownHosts: [ResourceAddress: Set<String>]?
    /// Where committed resources have their secrets from, and to whom they have shown them.
    lazy var knownSecrets = committedSecrets()

    /// Why tokens are asked for again.
    enum TokenCause {
        /// Another application, tenant or issuer.
        case identity
        case other
    }

    init(_ input: PlanInput) {
        self.input = input
        profiles = Dictionary(uniqueKeysWithValues: input.desired.profiles.map { ($0.address, $0) })
        bases = profiles.mapValues(SlotBasis.init)
        renames = Renames(input.desired.refactoring, of: input.committed)
        accounts = input.desired.accounts
        for index in accounts.indices where !accounts[index].lifecycle.ignoreChanges.isEmpty {
            let account = accounts[index]
            guard let record = committed(account.address) else { continue }
            accounts[index] = account.keeping(
                account.lifecycle.ignoreChanges, of: (declared: record.declared, effective: record.effective))
        }
        authorizations = slots()
    }

    /// The slots that the vault fills: those of the accounts in service, as they are kept.
    private func slots() -> [EffectiveAuthorization] {
        var slots: [ResourceAddress: EffectiveAuthorization] = [:]
        for account in accounts where account.active {
            guard let address = slot(of: account), let profile = account.profile.flatMap({ profiles[$0] }) else {
                continue
            }
            slots[address, default: EffectiveAuthorization(address, of: profile)].add(account, of: profile)
        }
        return slots.values.sorted { $0.address < $1.address }
    }

    func finish() -> Plan {
        let ordered = changes.values.sorted { $0.address < $1.address }
        return Plan(
            changes: ordered, steps: StepOrder.sorted(steps), notes: notes, environment: input.place.environment)
    }

    // MARK: What is committed

    /// What is in service at an address, under the name that it has from now on.
    mutating func committed(_ address: ResourceAddress) -> CommittedRecord? { record(address)?.committed }

    /// What the state remembers of an address; nil also if it cannot be read, which then is a diagnostic.
    mutating func record(_ address: ResourceAddress) -> ResourceRecord? {
        do throws(StateFailure) {
            return try renames.state?.record(address)
        } catch {
            explain(
                Diagnostic(
                    .error, error.code.rawValue, error.description, help: error.remedy, address: address,
                    responsible: .operatorHere))
            return nil
        }
    }

    func head(_ address: ResourceAddress) -> RecordHead? { renames.state?.head(address) }

    /// What planning found at an address.
    func found(_ address: ResourceAddress) -> Found {
        let head = head(address)
        return Found(
            record: head?.digest, grant: head?.grant,
            facts: address.kind == .authorization ? head?.grant.flatMap(grantFacts)?.lasting : nil)
    }

    /// That the state still has there what planning found, under the name that it has in the state.
    func asFound(_ address: ResourceAddress) -> Precondition {
        .committed(renames.place(of: address), head(address)?.digest)
    }

    /// What this state's vault says of a grant; nil if it is another vault, or not observed.
    func grantFacts(_ grant: String) -> GrantFacts? { observedGrants?[grant] }

    /// The grants of this state's vault; nil: not observed. A state that names none yet takes the one that is there: somebody
    /// may consent before anything is applied.
    var observedGrants: [String: GrantFacts]? {
        guard case .present(let id, let grants) = input.vault, id == input.committed?.vault ?? id else { return nil }
        return grants
    }

    /// Whether this vault holds a usable grant for the committed authorization.
    func isHeld(_ address: ResourceAddress) -> Bool {
        guard let facts = head(address)?.grant.flatMap(grantFacts) else { return false }
        return facts.status != .retired
    }

    func keeper(of account: EffectiveAccount) -> (any Keeper)? { input.keepers[account.keeper] }

    /// The slot that the vault fills for an account; nil if it needs none, or its keeper has one of its own.
    func slot(of account: EffectiveAccount) -> ResourceAddress? {
        keeper(of: account)?.capabilities.holdsGrants == true ? nil : account.authorization
    }

    mutating func explain(_ diagnostic: Diagnostic) {
        if explained.insert(diagnostic).inserted { diagnostics.append(diagnostic) }
    }
}
