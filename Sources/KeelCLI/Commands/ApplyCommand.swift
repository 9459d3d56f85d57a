import ArgumentParser
import KeelBase
import KeelEngine

/// `mailkeel apply`
struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Make it so: authorize, prove each login, then commit.",
        discussion: """
            Without anything else it plans, shows the plan, and asks. What was reviewed before is not asked for again: a plan \
            that `mailkeel plan --out` saved, the intent of a plan, or what an earlier run left to a person. Mailkeel then plans \
            again, and ends with 4 if that is not what was approved.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var variables: VariableOptions
    @OptionGroup var selection: SelectorOption
    @OptionGroup var parallelism: ParallelismOption
    @OptionGroup var lock: LockOption
    @OptionGroup var people: PendingOption
    @OptionGroup var revocation: RevokeOption

    @Argument(help: ArgumentHelp("A plan that `mailkeel plan --out` saved; exactly it is applied.", valueName: "plan"))
    var plan: String?

    @Flag(help: "Do not ask before changing anything.")
    var autoApprove = false

    @Flag(help: "Destroy everything, as `mailkeel destroy` does.")
    var destroy = false

    @Option(help: ArgumentHelp("Obtain this authorization again.", valueName: "address"))
    var replace: [String] = []

    @Option(
        help: ArgumentHelp(
            "Apply only a plan with this intent, which `mailkeel plan` says. Asks nothing.", valueName: "hash"),
        transform: PlanHash.parse)
    var planHash: String?

    @Flag(help: "Offer credentials again that a server refused. Too many failed logins may lock an account.")
    var retryRefused = false

    @Flag(help: "Do what an earlier run left because it waited for a person, and nothing else. Asks nothing.")
    var pending = false

    func validate() throws {
        try ApplyChoice(
            plan: plan != nil, planHash: planHash != nil, pending: pending, destroy: destroy, replace: !replace.isEmpty,
            revoke: revocation.revoke, select: selection.selector != nil
        ).check()
    }

    func run() async throws {
        let context = try CommandContext(global, variables)
        var approval = autoApprove ? ApplyRequest.Approval.given : .question
        if let planHash { approval = .intent(planHash) }
        if let plan {
            approval = .saved(SavedPlan(name: plan, path: context.located(file: plan), files: context.files))
        }
        if pending { approval = .pending }
        try await ApplySession(
            context: context,
            request: ApplyRequest(
                operation: destroy ? .destroy : .apply, approval: approval,
                replacing: try Set(replace.map(context.address)), revokes: revocation.revoke,
                selector: selection.selector,
                parallelism: parallelism.parallelism,
                lockTimeout: lock.lockTimeout, offersRefused: retryRefused, allowsPending: people.allowPending,
                asksPeople: !people.allowPending)
        ).run()
    }
}

/// `mailkeel destroy`
struct DestroyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "destroy",
        abstract: "Forget all accounts and retire their grants here; with --revoke, end them at the provider too.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var parallelism: ParallelismOption
    @OptionGroup var lock: LockOption
    @OptionGroup var people: PendingOption
    @OptionGroup var revocation: RevokeOption

    @Flag(help: "Do not ask before destroying anything.")
    var autoApprove = false

    func run() async throws {
        try await ApplySession(
            context: try CommandContext(global),
            request: ApplyRequest(
                operation: .destroy, approval: autoApprove ? .given : .question, revokes: revocation.revoke,
                parallelism: parallelism.parallelism, lockTimeout: lock.lockTimeout, allowsPending: people.allowPending)
        ).run()
    }
}

/// Whether grants end at the provider.
struct RevokeOption: ParsableArguments {
    @Flag(help: "Revoke the grants of what is removed at their provider too. The plan says what else that ends.")
    var revoke = false
}

/// What it means that somebody must act.
struct PendingOption: ParsableArguments {
    @Flag(help: "Exit with 0, not with 8, when all that is left waits for a person.")
    var allowPending = false
}

/// The intent of a plan as it is written on a command line.
package enum PlanHash {
    package static func parse(_ text: String) throws -> String {
        let hash = text.lowercased()
        guard hash.utf8.count == 64, hash.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { throw ValidationError("an intent has 64 hexadecimal digits; mailkeel plan says the one of its plan") }
        return hash
    }
}

/// Which of the options that exclude each other were given.
package struct ApplyChoice: Sendable {
    private let plan: Bool
    private let planHash: Bool
    private let pending: Bool
    private let destroy: Bool
    private let replace: Bool
    private let revoke: Bool
    private let select: Bool

    package init(
        plan: Bool = false, planHash: Bool = false, pending: Bool = false, destroy: Bool = false, replace: Bool = false,
        revoke: Bool = false, select: Bool = false
    ) {
        self.plan = plan
        self.planHash = planHash
        self.pending = pending
        self.destroy = destroy
        self.replace = replace
        self.revoke = revoke
        self.select = select
    }

    /// - Throws: `ValidationError`, which says which of them to leave out.
    package func check() throws {
        if plan, planHash {
            throw ValidationError("a saved plan and --plan-hash both say what is approved; give one of them")
        }
        if plan, pending {
            throw ValidationError("--pending does what an earlier run left; to apply a saved plan, leave it out")
        }
        if planHash, pending {
            throw ValidationError(
                "--pending does what was approved with an earlier run; --plan-hash has no place there")
        }
        if plan || pending {
            let what = plan ? "a saved plan" : "what is pending"
            if destroy { throw ValidationError("\(what) says itself whether to destroy; leave --destroy out") }
            if replace { throw ValidationError("\(what) says itself what to replace; leave --replace out") }
            if revoke { throw ValidationError("\(what) says itself what to revoke; leave --revoke out") }
            if select { throw ValidationError("\(what) says itself what is selected; leave --selector out") }
        }
        if destroy, replace { throw ValidationError("--destroy obtains nothing again; leave --replace out") }
    }
}
