import KeelBase
import KeelDiagnostics
import KeelModel
import KeelPlan

/// Which of the consents that a plan asks people for are meant: those of named accounts or authorizations, or whatever waits.
package struct ConsentChoice: Sendable {
    /// What was named, in order; empty: whatever waits.
    package let slots: [ResourceAddress]
    private let set: EffectiveSet
    private let place: ProjectPlace

    /// Throws where something is named that no consent is needed for.
    package init(
        naming addresses: [ResourceAddress], in set: EffectiveSet, _ place: ProjectPlace
    ) throws(EngineFailure) {
        var slots: [ResourceAddress] = []
        for address in addresses { slots.append(try Self.slot(of: address, in: set)) }
        self.slots = slots
        self.set = set
        self.place = place
    }

    /// What is to be asked for, in order. Where nothing was named, several are too many unless `allowsSeveral`.
    package func requests(in plan: Plan, allowsSeveral: Bool) throws(EngineFailure) -> [ConsentRequest] {
        let waiting = ConsentRequest.all(in: plan, set)
        guard !slots.isEmpty else {
            guard allowsSeveral || waiting.count < 2 else { throw Self.severalWait(waiting) }
            return waiting
        }
        var requests: [ConsentRequest] = []
        for slot in slots {
            guard let found = waiting.first(where: { $0.slot == slot }) else { throw notWaiting(slot, plan) }
            requests.append(found)
        }
        return requests
    }

    // MARK: What is named

    private static func slot(
        of address: ResourceAddress, in set: EffectiveSet
    ) throws(EngineFailure) -> ResourceAddress {
        if address.kind == .authorization {
            guard !set.authorizations.contains(where: { $0.address == address }) else { return address }
            throw failure(
                "authorize.unknown", "no account needs \(address)",
                nearest(to: address, among: set.authorizations.map(\.address))
                    ?? "mailkeel plan shows what accounts need")
        }
        guard let account = set.accounts.first(where: { $0.address == address }) else {
            throw failure(
                "authorize.unknown", "there is no \(address)",
                nearest(to: address, among: set.accounts.map(\.address)) ?? "mailkeel plan shows what there is")
        }
        guard let slot = account.authorization else {
            throw failure(
                "authorize.no-oauth", "\(address) logs in without OAuth",
                "nothing has to be authorized; mailkeel apply proves it")
        }
        return slot
    }

    private static func nearest(to address: ResourceAddress, among known: [ResourceAddress]) -> String? {
        Suggestion.nearest(to: address.description, among: known.map(\.description)).map { "did you mean \"\($0)\"?" }
    }

    // MARK: What does not wait

    private static func severalWait(_ waiting: [ConsentRequest]) -> EngineFailure {
        let names = waiting.map(\.slot.description).joined(separator: ", ")
        return failure(
            "authorize.which", "\(waiting.count) authorizations wait for somebody: \(names)",
            "name the one that is meant, or --all")
    }

    private func notWaiting(_ slot: ResourceAddress, _ plan: Plan) -> EngineFailure {
        guard let step = plan.authorized.first(where: { $0.id.address == slot }) else {
            let command = ProjectCommand(["authorize", slot.description, "--again"], in: place)
            return Self.failure(
                "authorize.in-service", "\(slot) is authorized, and nothing asks for a new consent",
                "\(command) asks for one all the same")
        }
        let isConsented = if case .authorize(let work) = step.work, case .adopt = work.way { true } else { false }
        return Self.failure(
            "authorize.no-person",
            isConsented
                ? "the consent to \(slot) is in the vault already, and waits for its proof"
                : "\(slot) needs no person: mailkeel apply obtains it",
            ProjectCommand(["apply"], in: place).description)
    }

    private static func failure(_ code: String, _ message: String, _ help: String) -> EngineFailure {
        EngineFailure([Diagnostic(.error, code, message, help: help, responsible: .operatorHere)])
    }
}
