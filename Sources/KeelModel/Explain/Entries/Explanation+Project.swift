extension Explanation {
    /// Which files are read, and for which environment.
    static let project = [
        Explanation(
            "init.exists", "A first project would be written over another one",
            "init writes into a directory that has none of its files, and changes nothing that is there.",
            fix: "Use an empty directory, or write further manifests by hand."),
        Explanation(
            "init.unwritable", "A first project could not be written",
            "The disk is full, or the directory may not be written.",
            fix: "Mend that, remove the files that were written, and run mailkeel init again."),
        Explanation(
            "project.no-manifests", "There are no manifests",
            "No file below the directory holds a document with apiVersion: mailkeel/v1.",
            fix: "Change to the project's directory, name it by --chdir, or begin with mailkeel init."),
        Explanation(
            "project.unreadable", "A file or directory cannot be read",
            "What it declares is not known, so nothing is planned.", fix: "Check the path and its permissions."),
        Explanation(
            "project.linked-directory", "A link to a directory was passed over",
            "It may lead back into the project or out of it, so manifests are not looked for behind it.",
            fix: "Keep the directory itself in the project, or link the files one by one."),
        Explanation(
            "project.outside", "A table of accounts is a link that leads out of the project, or to a hidden file",
            "What a table holds is shown in plans, so a stranger's branch could show what only this machine may read.",
            fix: "Keep the file itself in the project's directory or below it."),
        Explanation(
            "project.too-large", "There are more files than a project has",
            "This is more likely a home directory or a whole disk.",
            fix: "Change to the project's directory, or name it by --chdir."),
        Explanation(
            "project.skipped-file", "A YAML file of another tool was passed over",
            "It has no document with apiVersion: mailkeel/v1. If it was meant to be a manifest, its apiVersion is mistyped.",
            fix: "Nothing, if it is another tool's."),
        Explanation(
            "project.two-files", "There are both mailkeel.yaml and mailkeel.yml", "One of them would be ignored.",
            fix: "Keep one of them."),
        Explanation(
            "project.two-projects", "The project's file has two Projects",
            "One document of kind Project says what the project is.",
            fix: "Move what is in the second one to the first, and remove it."),
        Explanation(
            "project.no-project", "The project's file has no Project",
            "A file named mailkeel.yaml holds one document of kind Project, and may hold manifests beside it.",
            fix: "Add the document, or give the file another name."),
        Explanation(
            "project.unmatched-pattern", "A pattern that no file matches",
            "spec.manifests names files that are not there. Resources that were declared in them would be destroyed.",
            fix: "Correct the pattern, or remove it."),
        Explanation(
            "project.environment-needed", "It is not said which environment is meant",
            "The project has environments, each with a state and a vault of its own. None of them is taken by default, because that would be the wrong one some day.",
            fix: "Name it by --env; validate --all-environments checks all of them."),
        Explanation(
            "project.unknown-environment", "There is no such environment",
            "--env names one that the project's file does not declare.",
            fix: "Correct the name, or declare it under spec.environments."),
        Explanation(
            "project.shared-file", "Two environments share a state or a vault",
            "Each would destroy what the other one has committed.",
            fix: "Give each environment a state and a vault of its own."),
        Explanation(
            "project.state-left-behind", "A state from before there were environments",
            "The environment begins without a state, and the accounts that the old one knows would be created again.",
            fix: "Move the old state and vault to the environment that they belong to, or remove them."),
        Explanation(
            "project.bad-variable-file", "A file of variables that is none",
            "--var-file reads one YAML mapping of names and values.",
            fix: "Write one mapping, such as tenant: contoso.com."),
    ]
}
