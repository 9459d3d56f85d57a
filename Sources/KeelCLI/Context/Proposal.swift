import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelPlan
import KeelState

/// A plan that nobody has approved yet, with what it was made from.
package struct Proposal: Sendable {
    package private(set) var plan: Plan
    /// The state that it was made on; nil: there is none.
    let document: StateDocument?
    let vault: VaultObservation
    let destroys: Bool
    let replacing: Set<ResourceAddress>
    /// Whether the grants of what is removed are to end at the provider as well.
    let revokes: Bool
    /// Makes the plan again from another state and vault.
    let replan: @Sendable (StateDocument?, VaultObservation) -> Planner

    /// What approving all of it means.
    var approval: Approval {
        plan.approval(lineage: document?.lineage, destroys: destroys, replacing: replacing, revokes: revokes)
    }

    /// The approval of the plan, or of a part of it.
    func approved(_ part: Plan) -> ApprovedPlan {
        ApprovedPlan(
            part, on: document, vault, destroys: destroys, replacing: replacing, revokes: revokes, replan: replan)
    }

    /// The part that a selection selects. Whoever approves it approves no more.
    func restricted(to selection: Selection) -> Proposal {
        var part = self
        part.plan = plan.restricted(to: selection)
        return part
    }

    /// What of the plan was approved earlier.
    func remainder(of approval: Approval) throws(EngineFailure) -> Plan {
        guard approval.environment == plan.environment else {
            throw EngineFailure([Self.otherEnvironment(approval.environment, plan.environment)], reason: .stale)
        }
        // Without a lineage it was planned before there was a state: the changes themselves tell whether they still fit.
        if let lineage = approval.lineage, lineage != document?.lineage {
            throw EngineFailure([Self.otherState(lineage, document)], reason: .stale)
        }
        do throws(StaleApproval) {
            return try approval.remainder(of: plan)
        } catch {
            throw EngineFailure(stale: error.addresses)
        }
    }

    private static func otherEnvironment(_ approved: String?, _ here: String?) -> Diagnostic {
        func words(_ name: String?) -> String { name.map { "environment \(ForeignText($0))" } ?? "no environment" }
        return Diagnostic(
            .error, "plan.other-environment", "the plan was made for \(words(approved)), and this is \(words(here))",
            help: approved.map { "apply it with --env \(ForeignText($0)), or run mailkeel plan here and review it" }
                ?? "run mailkeel plan here and review it", responsible: .operatorHere)
    }

    private static func otherState(_ lineage: String, _ document: StateDocument?) -> Diagnostic {
        let here = document.map { "the one here has lineage \(ForeignText($0.lineage))" } ?? "there is none here"
        return Diagnostic(
            .error, "plan.other-state",
            "the plan was made on another state: on one with lineage \(ForeignText(lineage)), and \(here)",
            help: "apply it in the project that it was made in, or run mailkeel plan here and review it",
            responsible: .operatorHere)
    }
}
