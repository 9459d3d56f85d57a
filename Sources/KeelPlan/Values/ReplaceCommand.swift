import KeelBase

/// The command that obtains the grants of slots again, for when a vault is lost.
package struct ReplaceCommand: Sendable {
    /// How many slots one command names: a line that fits a screen.
    private static let limit = 12

    /// What to do, as the end of a sentence: ``run `mailkeel apply --replace '...'` ``.
    package let advice: String

    /// Nil without slots: then nothing is to be obtained.
    package init?(_ slots: some Sequence<ResourceAddress>, in place: ProjectPlace = ".") {
        let slots = slots.sorted()
        guard !slots.isEmpty else { return nil }
        let words = slots.prefix(Self.limit).flatMap { ["--replace", $0.description] }
        let more = slots.count - Self.limit
        let rest =
            more > 0
            ? ", and then the same for the other \(more) that `\(ProjectCommand(["state", "list"], in: place))` names"
            : ""
        advice = "run `\(ProjectCommand(["apply"] + words, in: place))`\(rest)"
    }
}
