extension Explanation {
    /// What keeps a file from being laid out.
    static let layout = [
        Explanation(
            "fmt.unsure", "The layout was left as it is",
            "Each result is read again and compared with what was there. Here they did not agree, so the file was not touched.",
            fix: "Write the stretch more simply. It is no mistake of yours; please report it."),
        Explanation(
            "fmt.unreadable", "A file cannot be read or written",
            "It was left as it is, and the others were laid out.", fix: "Check the file and its permissions."),
        Explanation(
            "fmt.no-file", "There is no such file", "Nothing stands where the command line points.",
            fix: "Check the path; with --chdir it begins in that directory."),
        Explanation(
            "fmt.foreign-file", "A file of another tool was left alone",
            "It has no document with apiVersion: mailkeel/v1, so its layout is not Mailkeel's to decide.",
            fix: "Nothing, if it is another tool's; else correct its apiVersion."),
    ]
}
