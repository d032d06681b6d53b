from study.entries import PROPOSED
from study.run import metric_degradations

# Not the pool, which has a rule of its own.
ONE_DATASET = "(?!pooled/)[a-z0-9_]+"


# Seconds each: a cluster's queue would take longer than the work.
localrules:
    means_table,
    statistics_table,
    newest_table,
    pooled_table,
    timing_table,
    metric_truth_table,
    metric_behaviour_table,
    truth_ranks_table,
    metric_trust_table,
    stacks_table,
    findings,
    bibliography,


rule means_table:
    """The tables of one data set: the paper's, that of the recent methods, and the extended one."""
    input:
        about=RESULTS.table("about.json", "{dataset}"),
        scores=RESULTS.table("scores.csv", "{dataset}"),
    output:
        means=RESULTS.table("means.csv", "{dataset}"),
        table=multiext(RESULTS.table("table", "{dataset}"), ".csv", ".md", ".tex"),
        recent=multiext(RESULTS.table("recent", "{dataset}"), ".csv", ".md", ".tex"),
        extended=multiext(RESULTS.table("extended", "{dataset}"), ".md", ".tex"),
    log:
        "logs/tables/{dataset}_means.log",
    wildcard_constraints:
        dataset=ONE_DATASET,
    priority: first
    params:
        code=code_of("means_table"),
        root=RESULTS.root,
    script:
        "../scripts/means_table.py"


rule statistics_table:
    """Tests over the scenes of one data set: every method against the highlighted ones, and all together."""
    input:
        about=RESULTS.table("about.json", "{dataset}"),
        scores=RESULTS.table("scores.csv", "{dataset}"),
    output:
        table=multiext(RESULTS.table("statistics", "{dataset}"), ".csv", ".md", ".tex"),
        friedman=RESULTS.table("friedman.csv", "{dataset}"),
    log:
        "logs/tables/{dataset}_statistics.log",
    wildcard_constraints:
        dataset=ONE_DATASET,
    priority: first
    params:
        code=code_of("statistics_table"),
        root=RESULTS.root,
    script:
        "../scripts/statistics_table.py"


rule newest_table:
    """Tests over the scenes of one data set: the newest methods against those that the field compares itself with."""
    input:
        about=RESULTS.table("about.json", "{dataset}"),
        scores=RESULTS.table("scores.csv", "{dataset}"),
    output:
        multiext(RESULTS.table("newest", "{dataset}"), ".csv", ".md", ".tex"),
    log:
        "logs/tables/{dataset}_newest.log",
    wildcard_constraints:
        dataset=ONE_DATASET,
    priority: first
    params:
        code=code_of("newest_table"),
        root=RESULTS.root,
    script:
        "../scripts/newest_table.py"


rule pooled_table:
    """The tables and tests of all data sets together."""
    input:
        about=expand(RESULTS.table("about.json", "{dataset}"), dataset=DATASETS),
        scores=expand(RESULTS.table("scores.csv", "{dataset}"), dataset=DATASETS),
    output:
        about=RESULTS.table("about.json", POOLED),
        means=RESULTS.table("means.csv", POOLED),
        table=multiext(RESULTS.table("table", POOLED), ".csv", ".md", ".tex"),
        recent=multiext(RESULTS.table("recent", POOLED), ".csv", ".md", ".tex"),
        extended=multiext(RESULTS.table("extended", POOLED), ".md", ".tex"),
        statistics=multiext(RESULTS.table("statistics", POOLED), ".csv", ".md", ".tex"),
        friedman=RESULTS.table("friedman.csv", POOLED),
        newest=multiext(RESULTS.table("newest", POOLED), ".csv", ".md", ".tex"),
    log:
        "logs/tables/pooled.log",
    params:
        code=code_of("pooled_table"),
        root=RESULTS.root,
        datasets=DATASETS,
    script:
        "../scripts/pooled_table.py"


rule timing_table:
    """The times of all methods on one data set."""
    input:
        about=RESULTS.table("about.json", "{dataset}"),
        times=RESULTS.table("timing.csv", "{dataset}"),
    output:
        multiext(RESULTS.table("timing", "{dataset}"), ".md", ".tex"),
    log:
        "logs/tables/{dataset}_timing.log",
    params:
        code=code_of("timing_table"),
        root=RESULTS.root,
    script:
        "../scripts/timing_table.py"


def kept_tables(*names):
    """Those of the tables that are there: other targets and programs make them, and they take long."""
    paths = [RESULTS.table(f"{name}.csv") for name in names]
    return [path for path in paths if Path(path).is_file()]


# What the published scores of other methods say; `python -m study published` writes it.
PUBLISHED = kept_tables("published_truth", "published_behaviour", "published_places")


rule metric_truth_table:
    """The metrics against the truth, on the data sets that have one."""
    input:
        about=expand(RESULTS.table("about.json", "{dataset}"), dataset=DATASETS),
        scores=expand(RESULTS.table("scores.csv", "{dataset}"), dataset=DATASETS),
        published=PUBLISHED,
    output:
        multiext(RESULTS.table("metric_truth"), ".csv", ".md", ".tex"),
    log:
        "logs/tables/metric_truth.log",
    params:
        code=code_of("metric_truth_table"),
        root=RESULTS.root,
        datasets=DATASETS,
    script:
        "../scripts/metric_truth_table.py"


rule metric_behaviour_table:
    """What the metrics prefer to an ideal selection, and how stable their rankings are."""
    input:
        about=expand(RESULTS.table("about.json", "{dataset}"), dataset=DATASETS),
        scores=expand(RESULTS.table("scores.csv", "{dataset}"), dataset=DATASETS),
        published=PUBLISHED,
    output:
        multiext(RESULTS.table("metric_behaviour"), ".csv", ".md", ".tex"),
    log:
        "logs/tables/metric_behaviour.log",
    params:
        code=code_of("metric_behaviour_table"),
        root=RESULTS.root,
        datasets=DATASETS,
    script:
        "../scripts/metric_behaviour_table.py"


rule truth_ranks_table:
    """The leader board by the truth beside that by the six metrics."""
    input:
        about=expand(RESULTS.table("about.json", "{dataset}"), dataset=DATASETS),
        scores=expand(RESULTS.table("scores.csv", "{dataset}"), dataset=DATASETS),
        published=PUBLISHED,
    output:
        multiext(RESULTS.table("truth_ranks"), ".csv", ".md", ".tex"),
    log:
        "logs/tables/truth_ranks.log",
    params:
        code=code_of("truth_ranks_table"),
        root=RESULTS.root,
        datasets=DATASETS,
    script:
        "../scripts/truth_ranks_table.py"


# Kept results are not measured again: `python -m study degradations` does that.
if settings.kept is None:

    rule metric_degradations:
        """What the metrics say of noise, JPEG coding, misalignment and sharpening."""
        output:
            RESULTS.table("metric_degradations.csv"),
        log:
            "logs/tables/metric_degradations.log",
        threads: 1
        params:
            code=code_of("metric_degradations"),
            metrics={name: metrics.registry.identity(name, CODE) for name in metric_degradations.measured_metrics()},
            root=RESULTS.root,
        script:
            "../scripts/metric_degradations.py"


rule metric_trust_table:
    """Which metrics can be trusted: all evidence, and a decision by thresholds."""
    input:
        about=expand(RESULTS.table("about.json", "{dataset}"), dataset=DATASETS),
        scores=expand(RESULTS.table("scores.csv", "{dataset}"), dataset=DATASETS),
        truth=RESULTS.table("metric_truth.csv"),
        behaviour=RESULTS.table("metric_behaviour.csv"),
        degradations=RESULTS.table("metric_degradations.csv"),
    output:
        multiext(RESULTS.table("metric_trust"), ".csv", ".md", ".tex"),
    log:
        "logs/tables/metric_trust.log",
    params:
        code=code_of("metric_trust_table"),
        root=RESULTS.root,
        datasets=DATASETS,
    script:
        "../scripts/metric_trust_table.py"


rule trust:
    """Only the answer to: which metrics can be trusted? Degradations are measured for it."""
    input:
        RESULTS.table("metric_trust.md"),


rule stacks_table:
    """All stacks with truth together: quality, errors of the index map, time and memory."""
    input:
        about=expand(RESULTS.table("about.json", "{dataset}"), dataset=DATASETS),
        scores=expand(RESULTS.table("scores.csv", "{dataset}"), dataset=DATASETS),
        times=expand(RESULTS.table("timing.csv", "{dataset}"), dataset=TIMED),
    output:
        multiext(RESULTS.table("stacks"), ".csv", ".md", ".tex"),
    log:
        "logs/tables/stacks.log",
    params:
        code=code_of("stacks_table"),
        root=RESULTS.root,
        datasets=DATASETS,
    script:
        "../scripts/stacks_table.py"


# Made by the targets stacks, ablation and trust. In a run they are a parameter (their checksums) and no input: as inputs Snakemake would
# measure and train again after a change of the network's code, which takes hours that nobody asked for.
MEASURED = kept_tables("gacn_stacks", "stack_quality", "ablation", "real_calibration")
TRUST = [RESULTS.table("metric_trust.csv")] if kept_tables("metric_degradations") else []


rule findings:
    """What the numbers say, in words."""
    input:
        tables=expand(
            RESULTS.table("{name}", "{dataset}"),
            name=["about.json", "table.csv", "means.csv", "recent.csv", "statistics.csv", "newest.csv"],
            dataset=[*DATASETS, POOLED],
        ),
        truth=RESULTS.table("metric_truth.csv"),
        ranks=RESULTS.table("truth_ranks.csv"),
        published=PUBLISHED,
        trust=TRUST,
        stacks=RESULTS.table("stacks.csv"),
        measured=MEASURED if settings.kept else [],
    output:
        RESULTS.page("FINDINGS.md"),
    log:
        "logs/findings.log",
    params:
        code=code_of("findings", "study/findings/findings.md.j2"),
        root=RESULTS.root,
        measured={path: records.sha256(path) for path in MEASURED},
    script:
        "../scripts/findings.py"


rule bibliography:
    """What the LaTeX tables cite."""
    output:
        RESULTS.table("references.bib"),
    log:
        "logs/tables/references.log",
    params:
        code=code_of("bibliography", "scenes/datasets.toml"),
        declared=[(method.id, method.citation, method.doi) for method in methods.registry.all()],
        root=RESULTS.root,
    script:
        "../scripts/bibliography.py"


TABLES = expand(
    RESULTS.table("{name}.md", "{dataset}"),
    name=["table", "statistics"],
    dataset=[*DATASETS, POOLED],
)
TABLES += expand(RESULTS.table("timing.md", "{dataset}"), dataset=TIMED)
TABLES += [RESULTS.table(f"{name}.md") for name in ("metric_truth", "metric_behaviour", "truth_ranks", "stacks")]
TABLES += [RESULTS.table("references.bib"), RESULTS.page("FINDINGS.md"), *TRUST]


# One image shows it: that of a highlighted method, or of the first other one. Kept results have none.
CANDIDATES = [*map(settings.entries.get, settings.highlight or [PROPOSED]), *settings.entries.values()]
COMPARED = next((entry for entry in CANDIDATES if entry and not entry.is_control and entry.takes_part("lytro")), None)
if settings.kept is None and "lytro" in DATASETS and COMPARED is not None:

    rule conventions_table:
        """What one image scores under the conventions in use."""
        input:
            sources=RESULTS.sources("lytro"),
            fused=RESULTS.fused("lytro", COMPARED.name),
        output:
            multiext(RESULTS.table("conventions"), ".csv", ".md", ".tex"),
        log:
            "logs/tables/conventions.log",
        params:
            code=code_of("conventions_table"),
            dataset="lytro",
            entry=dict(vars(COMPARED)),
        script:
            "../scripts/conventions_table.py"

    TABLES.append(RESULTS.table("conventions.md"))


# Measured by programs (`python -m study fidelity`, `calibration`) on reference material; the workflow only prints what is kept.
if settings.kept is not None:

    rule fidelity_table:
        """Wrapped methods against images made by others."""
        input:
            RESULTS.table("fidelity.csv"),
        output:
            multiext(RESULTS.table("fidelity"), ".md", ".tex"),
        log:
            "logs/tables/fidelity.log",
        params:
            code=code_of("fidelity_table"),
            root=RESULTS.root,
        script:
            "../scripts/fidelity_table.py"

    rule calibration_table:
        """The metrics against the reference toolbox."""
        input:
            RESULTS.table("metric_calibration.csv"),
        output:
            multiext(RESULTS.table("metric_calibration"), ".md", ".tex"),
        log:
            "logs/tables/metric_calibration.log",
        params:
            code=code_of("calibration_table"),
            root=RESULTS.root,
        script:
            "../scripts/calibration_table.py"

    rule real_calibration_table:
        """Our values on real photographs against the published ones."""
        input:
            RESULTS.table("real_calibration.csv"),
        output:
            multiext(RESULTS.table("real_calibration"), ".md", ".tex"),
        log:
            "logs/tables/real_calibration.log",
        params:
            code=code_of("real_calibration_table"),
            root=RESULTS.root,
        script:
            "../scripts/real_calibration_table.py"

    PRINTED = kept_tables("fidelity", "metric_calibration", "real_calibration")
    TABLES += [str(Path(path).with_suffix(".md")) for path in PRINTED]


rule tables:
    """Only the tables, with the tests and the findings."""
    input:
        TABLES,
