import ArgumentParser
import KeelBase
import KeelEngine
import KeelState

/// `mailkeel state mv`
struct StateMoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mv", abstract: "Rename an account or a profile in the state, with all that names it.",
        discussion: """
            What is in service goes on under the new name; nothing is authorized or proven again. Rename it in the manifests too. \
            Where others run this project as well, a manifest of kind Moved does the same for all of them.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var lock: LockOption

    @Flag(help: "Only say what would be done.")
    var dryRun = false

    @Argument(help: "The address as it is: OAuthProfile/NAME, EmailAccount/NAME, or the bare name of an account.")
    var from: String

    @Argument(help: "The address as it shall be; the kind may be left out.")
    var to: String

    func run() async throws {
        let context = try CommandContext(global)
        let from = try context.address(from)
        let to = to.contains("/") ? try context.address(to) : ResourceAddress(from.kind, to)
        let change: @Sendable (StateDocument) throws(EngineFailure) -> StateEdit = { document throws(EngineFailure) in
            try StateEdit.renaming(from, to: to, in: document)
        }
        let outcome = try await context.editState("state mv", lock.lockTimeout, isDry: dryRun, change)
        try outcome.show(context.console) { edit in
            let renames = edit.renames.map { "\(dryRun ? "Would move" : "Moved") \($0.from) to \($0.to)." }
            guard !edit.rewritten.isEmpty else { return renames }
            let rewritten = counted(edit.rewritten.count, "account")
            return renames + [
                "\(dryRun ? "Would rewrite" : "Rewrote") \(rewritten) that name\(edit.rewritten.count == 1 ? "s" : "") it."
            ]
        }
        guard !dryRun, !global.json else { return }
        context.console.remark(
            "If the manifests still say \(from), rename it there too; else the next plan creates that and destroys \(to)."
        )
    }
}

/// `mailkeel state rm`
struct StateRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Stop managing addresses. Nothing is destroyed; grants stay sealed in the vault.",
        discussion: """
            Authorizations that nothing else uses go along. Where others run this project as well, a manifest of kind Removed does \
            the same for all of them.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var lock: LockOption

    @Flag(help: "Only say what would be done.")
    var dryRun = false

    @Argument(help: ArgumentHelp("The addresses, as Kind/NAME, or the bare names of accounts.", valueName: "address"))
    var addresses: [String]

    func run() async throws {
        let context = try CommandContext(global)
        let addresses = try addresses.map(context.address)
        let change: @Sendable (StateDocument) throws(EngineFailure) -> StateEdit = { document throws(EngineFailure) in
            try StateEdit.removing(addresses, from: document)
        }
        let outcome = try await context.editState("state rm", lock.lockTimeout, isDry: dryRun, change)
        try outcome.show(context.console) { edit in
            edit.removed.map { "\(dryRun ? "Would remove" : "Removed") \($0)." }
        }
        guard !dryRun, !global.json else { return }
        context.console.remark(
            "Nothing was destroyed, and grants stay sealed in the vault. What the manifests still declare, the next apply takes up again."
        )
    }
}

/// What became of a change of the state, done or only tried.
struct StateEditOutcome: Sendable {
    let operation: String
    let edit: StateEdit
    /// The serial that the state has now; nil if nothing was written.
    let serial: Int?
    let findings: [String]

    /// Says what was done: in `words`, a line each, or as one object.
    func show(_ console: Console, _ words: (StateEdit) -> [String]) throws {
        if console.isJSON { return try console.output(json) }
        try console.output(words(edit).map { $0 + "\n" }.joined())
        for remark in findings + edit.remarks { console.remark(remark) }
        if let serial {
            console.remark("The state has serial \(serial) now; mailkeel state history lists those before it.")
        }
    }

    private var json: JSON {
        let moved = edit.renames.map {
            JSON.object([.init("from", .string($0.from.description)), .init("to", .string($0.to.description))])
        }
        return .present(
            ("type", .string(operation.replacing(" ", with: "_"))), ("dryRun", .boolean(serial == nil)),
            ("moved", moved.isEmpty ? nil : .array(moved)),
            ("rewritten", Self.list(edit.rewritten)), ("removed", Self.list(edit.removed)),
            ("serial", serial.map(JSON.integer)),
            ("findings", .array((findings + edit.remarks).map(JSON.string))))
    }

    private static func list(_ addresses: [ResourceAddress]) -> JSON? {
        addresses.isEmpty ? nil : .array(addresses.map { .string($0.description) })
    }
}
