"""Rule ablation_table: see `study.gacn.ablation_table`."""

from files.atomic import write_text
from study import records
from study.config import Entry
from study.gacn import ablation_table as ablation
from study.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    variants = [Entry(**entry) for entry in job.params.entries]
    scores = [row for path in job.input.scores for row in records.read_csv(path)]
    parts = ablation.parts([records.read_json(path) for path in job.input.sources], variants, scores)
    ended = [records.read_json(path) for path in job.input.runs]
    records.write_csv(job.output.csv, ablation.COLUMNS, [row for _, rows in parts for row in rows])
    write_text(job.output.markdown, ablation.markdown(parts, ended))
    write_text(job.output.latex, ablation.latex(parts, ended))
