import KeelCLI
import Testing

struct CommandSpellingTests {
    @Test(arguments: [
        (["validte"], "there is no command \"validte\"; did you mean validate?"),
        (["vault", "sett", "x"], "there is no command \"sett\"; did you mean set?"),
        (["frobnicate"], "there is no command \"frobnicate\""),
        (["state", "list", "x"], nil), (["token", "support"], nil), (["help", "plan"], nil), (["--version"], nil),
        ([], nil),
    ])
    func `a mistyped command is told from the one that was meant`(arguments: [String], words: String?) {
        #expect(CommandSpelling.refusal(of: arguments) == words)
    }
}
