import ArgumentParser
import KeelBase
import KeelEngine
import KeelPlan
import KeelState

/// `mailkeel state list`
struct StateListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the addresses in the state, and what is unusual about them.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var selection: SelectorOption

    func run() throws {
        let context = try CommandContext(global)
        guard let document = try context.readState().document else {
            return context.console.remark(
                "There is no state at \(context.paths.state.state) yet; mailkeel apply makes it.")
        }
        let entries = try context.reading {
            try document.addresses.filter { address in
                try selection.selector.map { try document.isSelected(address, by: $0) } ?? true
            }.map { ($0, try RecordMarks($0, of: document)) }
        }
        let lines =
            global.json
            ? entries.map { JSON.object([.init("address", .string($0.description))] + $1.members).text() }
            : entries.map { $0.description + $1.text(context.console.outputStyle) }
        try context.console.output(lines.map { $0 + "\n" }.joined())
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
        let context = try CommandContext(global)
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
        let context = try CommandContext(global)
        let document = try context.requireState()
        let addresses = try address.map { [try context.address($0)] } ?? document.addresses
        try RecordText.show(addresses, of: document, context)
    }
}
