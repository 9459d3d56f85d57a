import KeelCLI
import Testing

struct TerraformSpellingTests {
    static let table: [([String], [String])] = [
        // One dash where Terraform has one
        (["plan", "-detailed-exitcode"], ["plan", "--detailed-exitcode"]),
        (["apply", "-auto-approve", "-parallelism=4"], ["apply", "--auto-approve", "--parallelism=4"]),
        (["apply", "-parallelism", "4"], ["apply", "--parallelism", "4"]),
        (["apply", "-replace=Authorization/a:(app)"], ["apply", "--replace=Authorization/a:(app)"]),
        (["show", "-json", "-no-color"], ["show", "--json", "--no-color"]),
        (["plan", "-out=p", "-destroy"], ["plan", "--out=p", "--destroy"]),
        (["apply", "-lock-timeout=30s", "p"], ["apply", "--lock-timeout=30s", "p"]),
        (["plan", "-lock=false"], ["plan", "--lock=false"]),
        (["plan", "-target=x"], ["plan", "--target=x"]),
        (["-version"], ["--version"]),
        (["-help"], ["--help"]),
        (["plan", "-help"], ["plan", "--help"]),
        // Two dashes stay two
        (["apply", "--auto-approve"], ["apply", "--auto-approve"]),
        // What Terraform does not have is not touched
        (["plan", "-h"], ["plan", "-h"]),
        (["sandbox", "-fault", "x"], ["sandbox", "-fault", "x"]),
        (["token", "-"], ["token", "-"]),
        (["plan", "-jsonx"], ["plan", "-jsonx"]),
        // Global options before the command
        (["-chdir=dir", "plan"], ["plan", "--chdir=dir"]),
        (["--chdir", "dir", "plan"], ["plan", "--chdir", "dir"]),
        (
            ["-chdir=dir", "-json", "-no-color", "state", "list"],
            ["state", "list", "--chdir=dir", "--json", "--no-color"]
        ),
        (["-chdir=-dir", "plan", "-json"], ["plan", "--json", "--chdir=-dir"]),
        (["--env", "prod", "plan"], ["plan", "--env", "prod"]),
        (["-chdir=dir", "--env=prod", "plan", "-var=a=b"], ["plan", "--var=a=b", "--chdir=dir", "--env=prod"]),
        // Nothing to put them behind
        (["-chdir=dir"], ["--chdir=dir"]),
        (["--chdir"], ["--chdir"]),
        ([], []),
        // Behind two dashes everything is meant literally
        (["token", "--", "-json"], ["token", "--", "-json"]),
        (["-chdir=dir", "token", "--", "-json"], ["token", "--chdir=dir", "--", "-json"]),
        (["test", "-json", "--", "--chdir"], ["test", "--json", "--", "--chdir"]),
    ]

    @Test(arguments: table)
    func `arguments are read as Terraform's users write them`(arguments: [String], expected: [String]) {
        #expect(TerraformSpelling.normalized(arguments) == expected)
    }

    @Test(arguments: table)
    func `what was normalized once stays as it is`(arguments: [String], expected: [String]) {
        #expect(TerraformSpelling.normalized(expected) == expected)
    }

    static let refused: [([String], String?)] = [
        (["apply", "-lock=false"], "--lock-timeout"),
        (["plan", "-input=false"], "--auto-approve"),
        (["plan", "-refresh=false"], "contacts nobody"),
        (["plan", "-refresh-only"], "mailkeel test"),
        (["apply", "-state=other.tfstate"], "--chdir"),
        (["plan", "-target=EmailAccount/support"], "--selector"),
        (["apply", "-lock-timeout=5m"], nil),
        (["plan", "-out=lock"], nil),
        (["state", "list"], nil),
        (["token", "--", "--lock"], nil),
        ([], nil),
    ]

    @Test(arguments: refused)
    func `what Terraform has and Mailkeel has not is refused with what to do instead`(
        arguments: [String], words: String?
    ) {
        let refusal = TerraformSpelling.refusal(of: TerraformSpelling.normalized(arguments))
        if let words {
            #expect(refusal?.contains(words) == true)
        } else {
            #expect(refusal == nil)
        }
    }
}
