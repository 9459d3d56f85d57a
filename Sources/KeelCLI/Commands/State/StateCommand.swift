import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelState

/// `mailkeel state`
struct StateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state", abstract: "Look at what was committed.",
        subcommands: [StateListCommand.self, StateShowCommand.self])
}

/// `mailkeel state list`
struct StateListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the addresses in the state.")

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let context = CommandContext(global)
        guard let document = try context.readState().document else { return }
        for address in document.resources.keys.sorted() {
            let isCommitted = document.committed(address) != nil
            if global.json {
                try context.console.output(
                    .object([.init("address", .string(address.description)), .init("committed", .boolean(isCommitted))])
                )
            } else {
                try context.console.output("\(address)\(isCommitted ? "" : "   (never in service)")\n")
            }
        }
    }
}

/// `mailkeel state show`
struct StateShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what the state remembers of one address.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The address, as Kind/NAME, or the bare name of an account.")
    var address: String

    func run() throws {
        let context = CommandContext(global)
        try RecordText.show([try context.address(address)], of: try context.requireState(), context)
    }
}

/// `mailkeel show`
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what is committed, for one address or for all.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The address, as Kind/NAME, or the bare name of an account; all when none is named.")
    var address: String?

    func run() throws {
        let context = CommandContext(global)
        let document = try context.requireState()
        let addresses = try address.map { [try context.address($0)] } ?? document.resources.keys.sorted()
        try RecordText.show(addresses, of: document, context)
    }
}
