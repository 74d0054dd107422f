"""What the names of streams say, as services give them, and names that only look alike."""

from __future__ import annotations

import pytest

from cwtui.access.stream_names import StreamKind, StreamName, by_activity, lags, stream_name
from cwtui.core.models import LogStream

HEX = "0123456789abcdef0123456789abcdef"
UUID = "3f0c1b5a-8a4e-4c6b-9a55-5a1f2d7c9e10"
RUN = "jr_" + "9f8e7d6c5b4a3210" * 4
CONTAINER = "ab12" * 16
AGENT = "/aws/bedrock-agentcore/runtimes/shop_agent-Ab12Cd34Ef-DEFAULT"
NODE = "ip-10-0-1-2.eu-west-1.compute.internal"
INSIGHTS = "/aws/containerinsights/prod/application"

# (group, stream, kind, what is said besides, the short label)
NAMES: list[tuple[str, str, StreamKind, dict[str, str], str]] = [
    # Lambda: versions, `$LATEST`, several functions in one group, a group given by its ARN
    ("/aws/lambda/checkout", f"2025/11/05/[$LATEST]{HEX}", StreamKind.LAMBDA,
     {"day": "2025-11-05", "version": "$LATEST", "instance": HEX, "container": "checkout"}, "01234567"),
    ("/aws/lambda/checkout", f"2025/11/05/[12]{HEX}", StreamKind.LAMBDA,
     {"day": "2025-11-05", "version": "12", "instance": HEX, "container": "checkout"}, "01234567"),
    ("/aws/lambda/checkout", f"2024/02/29/[live]{HEX}", StreamKind.LAMBDA,
     {"day": "2024-02-29", "version": "live", "instance": HEX, "container": "checkout"}, "01234567"),
    ("/shop/functions", f"2025/11/05/checkout[$LATEST]{HEX}", StreamKind.LAMBDA,
     {"day": "2025-11-05", "version": "$LATEST", "instance": HEX, "container": "checkout"}, "01234567"),
    ("/shop/functions", f"2025/11/05/check-out_2[7][{HEX}]", StreamKind.LAMBDA,
     {"day": "2025-11-05", "version": "7", "instance": HEX, "container": "check-out_2"}, "01234567"),
    ("", f"2025/11/05/[$LATEST]{HEX}", StreamKind.LAMBDA,
     {"day": "2025-11-05", "version": "$LATEST", "instance": HEX}, "01234567"),
    ("arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/cart:*", f"2025/11/05/[3]{HEX}",
     StreamKind.LAMBDA,
     {"day": "2025-11-05", "version": "3", "instance": HEX, "container": "cart"}, "01234567"),
    ("/aws/lambda/us-east-1.edge", f"2025/11/05/[9]{HEX}", StreamKind.LAMBDA,
     {"day": "2025-11-05", "version": "9", "instance": HEX, "container": "us-east-1.edge"}, "01234567"),
    # AgentCore: streams of an environment, with and without the session, and what else stands beside
    (AGENT, f"2025/11/05/[runtime-logs]{UUID}", StreamKind.AGENTCORE,
     {"day": "2025-11-05", "version": "DEFAULT", "instance": UUID, "container": "shop_agent-Ab12Cd34Ef"},
     "3f0c1b5a"),
    (AGENT, f"2025/11/05/[runtime-logs-user-42-session-aaaaaaaaaaaaaaaaaaaa]{UUID}", StreamKind.AGENTCORE,
     {"day": "2025-11-05", "version": "DEFAULT", "session": "user-42-session-aaaaaaaaaaaaaaaaaaaa",
      "instance": UUID, "container": "shop_agent-Ab12Cd34Ef"}, "user-42-session-aaaaaaaaaaaaaaaaaaaa"),
    (AGENT, f"2025/11/05/[runtime-logs-{UUID}]{UUID}", StreamKind.AGENTCORE,
     {"day": "2025-11-05", "version": "DEFAULT", "session": UUID, "instance": UUID,
      "container": "shop_agent-Ab12Cd34Ef"}, "3f0c1b5a"),
    ("/elsewhere", f"2025/11/05/[runtime-logs]{UUID}", StreamKind.AGENTCORE,
     {"day": "2025-11-05", "instance": UUID}, "3f0c1b5a"),
    (AGENT, "otel-rt-logs", StreamKind.OTEL,
     {"version": "DEFAULT", "container": "shop_agent-Ab12Cd34Ef", "part": "otel-rt-logs"}, "otel-rt-logs"),
    ("aws/spans", "default", StreamKind.OTEL, {"container": "spans", "part": "default"}, "default"),
    ("/adot", f"otel-stream-{UUID}", StreamKind.OTEL, {"part": f"otel-stream-{UUID}"}, f"otel-stream-{UUID}"),
    ("/aws/vendedlogs/agents", "BedrockAgentCoreRuntime_ApplicationLogs", StreamKind.AGENTCORE,
     {"container": "Runtime", "part": "ApplicationLogs"}, "ApplicationLogs"),
    ("/aws/vendedlogs/agents", "BedrockAgentCoreMemory_ApplicationLogs", StreamKind.AGENTCORE,
     {"container": "Memory", "part": "ApplicationLogs"}, "ApplicationLogs"),
    # ECS, by awslogs and by FireLens
    ("/ecs/shop", f"ecs/web/{HEX}", StreamKind.ECS, {"run": HEX, "container": "web"}, "01234567"),
    ("/ecs/shop", f"team/shop/web/{HEX}", StreamKind.ECS, {"run": HEX, "container": "web"}, "01234567"),
    ("/ecs/shop", f"ecs/aws-otel-collector/{HEX}", StreamKind.ECS,
     {"run": HEX, "container": "aws-otel-collector"}, "01234567"),
    ("/ecs/old", f"ecs/web/{UUID}", StreamKind.ECS, {"run": UUID, "container": "web"}, "3f0c1b5a"),
    ("/ecs/shop", f"from-fluent-bit-web-firelens-{HEX}", StreamKind.ECS,
     {"run": HEX, "container": "web"}, "01234567"),
    ("/ecs/shop", f"shop/web-firelens-{HEX}", StreamKind.ECS, {"run": HEX, "container": "web"}, "01234567"),
    # Batch, which runs on ECS
    ("/aws/batch/job", f"nightly-report/default/{HEX}", StreamKind.BATCH,
     {"run": HEX, "container": "nightly-report"}, "01234567"),
    ("/aws/batch/job", f"nightly-report/default/{UUID}", StreamKind.BATCH,
     {"run": UUID, "container": "nightly-report"}, "3f0c1b5a"),
    ("/own/group", f"nightly-report/default/{HEX}", StreamKind.BATCH,
     {"run": HEX, "container": "nightly-report"}, "01234567"),
    ("/aws/batch/job", f"nightly-report/loader/{HEX}", StreamKind.BATCH,
     {"run": HEX, "container": "nightly-report", "part": "loader"}, "01234567 loader"),
    # Glue: streams of output and error, continuous logs, executors, later attempts
    ("/aws-glue/jobs/output", RUN, StreamKind.GLUE, {"run": RUN, "part": "output"}, "jr_9f8e7d6c output"),
    ("/aws-glue/jobs/error", RUN, StreamKind.GLUE, {"run": RUN, "part": "error"}, "jr_9f8e7d6c error"),
    ("/aws-glue/jobs/logs-v2", f"{RUN}-driver", StreamKind.GLUE,
     {"run": RUN, "part": "driver"}, "jr_9f8e7d6c driver"),
    ("/aws-glue/jobs/logs-v2", f"{RUN}-progress-bar", StreamKind.GLUE,
     {"run": RUN, "part": "progress-bar"}, "jr_9f8e7d6c progress-bar"),
    ("/aws-glue/jobs/logs-v2", f"{RUN}-3", StreamKind.GLUE,
     {"run": RUN, "part": "executor 3"}, "jr_9f8e7d6c executor 3"),
    ("/aws-glue/jobs/logs-v2", f"{RUN}_g-{'ab' * 20}", StreamKind.GLUE,
     {"run": RUN, "part": "executor abababab"}, "jr_9f8e7d6c executor abababab"),
    ("/aws-glue/jobs/logs-v2", f"{RUN}_attempt_1-driver", StreamKind.GLUE,
     {"run": RUN, "part": "attempt 1 driver"}, "jr_9f8e7d6c attempt 1 driver"),
    ("/aws-glue/jobs/output", f"{RUN}_attempt_2", StreamKind.GLUE,
     {"run": RUN, "part": "attempt 2 output"}, "jr_9f8e7d6c attempt 2 output"),
    ("/mine", f"{RUN}_attempt_1_g-{'cd' * 20}", StreamKind.GLUE,
     {"run": RUN, "part": "attempt 1 executor cdcdcdcd"}, "jr_9f8e7d6c attempt 1 executor cdcdcdcd"),
    # CodeBuild, only in its group
    ("/aws/codebuild/deploy", UUID, StreamKind.CODEBUILD, {"run": UUID, "container": "deploy"}, "3f0c1b5a"),
    ("/aws/codebuild/deploy", f"main/{UUID}", StreamKind.CODEBUILD,
     {"run": UUID, "container": "deploy"}, "3f0c1b5a"),
    # Step Functions, Airflow, SageMaker, App Runner
    ("/aws/vendedlogs/states/orders", "states/orders/2025-11-05-10-30/1fd2a8b6", StreamKind.STEP_FUNCTIONS,
     {"day": "2025-11-05", "instance": "1fd2a8b6", "container": "orders"}, "1fd2a8b6"),
    ("airflow-prod-Task",
     "dag_id=nightly/run_id=scheduled__2025-11-05T00_00_00+00_00/task_id=load/attempt=2.log",
     StreamKind.AIRFLOW,
     {"run": "scheduled__2025-11-05T00_00_00+00_00", "container": "nightly.load", "part": "attempt 2"},
     "scheduled__2025-11-05T00_00_00+00_00 attempt 2"),
    ("/aws/sagemaker/TrainingJobs", "churn-2025-11-05/algo-1-1730800000", StreamKind.SAGEMAKER,
     {"run": "churn-2025-11-05", "part": "algo-1"}, "churn-2025-11-05 algo-1"),
    ("/aws/sagemaker/Endpoints/churn", "AllTraffic/i-0123456789abcdef0", StreamKind.SAGEMAKER,
     {"version": "AllTraffic", "instance": "i-0123456789abcdef0"}, "i-01234567"),
    ("/aws/apprunner/web/8fe1e10304f84fd2b0df550fe98a71fa/application", f"instance/{HEX}",
     StreamKind.APP_RUNNER,
     {"instance": HEX, "container": "web"}, "01234567"),
    # API Gateway, only in its group
    ("API-Gateway-Execution-Logs_a1b2c3d4e5/prod", HEX, StreamKind.API_GATEWAY,
     {"version": "prod", "instance": HEX, "container": "a1b2c3d4e5"}, "01234567"),
    # RDS and Aurora, only in their groups
    ("/aws/rds/instance/shop-db/postgresql", "shop-db.0", StreamKind.RDS,
     {"instance": "shop-db", "container": "postgresql", "part": "0"}, "shop-db 0"),
    ("/aws/rds/instance/shop-db/error", "shop-db", StreamKind.RDS,
     {"instance": "shop-db", "container": "error"}, "shop-db"),
    ("/aws/rds/cluster/shop/slowquery", "shop-instance-1", StreamKind.RDS,
     {"instance": "shop-instance-1", "container": "slowquery"}, "shop-instance-1"),
    # networks and trails
    ("/vpc/flow", "eni-0a1b2c3d4e5f60718-all", StreamKind.VPC_FLOW,
     {"instance": "eni-0a1b2c3d4e5f60718", "part": "all"}, "eni-0a1b2c3d all"),
    ("/vpc/flow", "eni-1a2b3c4d-reject", StreamKind.VPC_FLOW,
     {"instance": "eni-1a2b3c4d", "part": "reject"}, "eni-1a2b3c4d reject"),
    ("/vpc/flow", "tgw-attach-0a1b2c3d4e5f60718-all", StreamKind.VPC_FLOW,
     {"instance": "tgw-attach-0a1b2c3d4e5f60718", "part": "all"}, "tgw-attach-0a1b2c3d4e5f60718 all"),
    ("/trail", "123456789012_CloudTrail_eu-west-1", StreamKind.CLOUDTRAIL,
     {"version": "eu-west-1", "instance": "123456789012"}, "123456789012"),
    ("/trail", "123456789012_CloudTrail_us-gov-west-1_3", StreamKind.CLOUDTRAIL,
     {"version": "us-gov-west-1", "instance": "123456789012", "part": "3"}, "123456789012 3"),
    ("/trail", "o-exampleorgid_123456789012_CloudTrail_us-east-1", StreamKind.CLOUDTRAIL,
     {"version": "us-east-1", "instance": "123456789012"}, "123456789012"),
    # Kubernetes
    ("/eks/pods", f"kube.var.log.containers.cart-7d9c5b8f6-x2x4z_shop_app-{CONTAINER}.log",
     StreamKind.KUBERNETES,
     {"version": "shop", "run": "cart-7d9c5b8f6-x2x4z", "instance": CONTAINER, "container": "app"},
     "cart-7d9c5b8f6-x2x4z"),
    ("/eks/pods", f"from-fluent-bit-kube.var.log.containers.cart-0_shop_app-{CONTAINER}.log",
     StreamKind.KUBERNETES,
     {"version": "shop", "run": "cart-0", "instance": CONTAINER, "container": "app"}, "cart-0"),
    (INSIGHTS, f"{NODE}-application.var.log.containers.cart-0_shop_my-app-{CONTAINER}.log",
     StreamKind.KUBERNETES,
     {"version": "shop", "run": "cart-0", "instance": CONTAINER, "container": "my-app"}, "cart-0"),
    ("/aws/containerinsights/prod/dataplane", f"{NODE}-dataplane.systemd.kubelet.service",
     StreamKind.KUBERNETES,
     {"instance": NODE, "container": "dataplane.systemd.kubelet.service",
      "part": "dataplane.systemd.kubelet.service"}, f"{NODE} dataplane.systemd.kubelet.service"),
    ("/aws/eks/prod/cluster", f"kube-apiserver-audit-{HEX}", StreamKind.EKS,
     {"instance": HEX, "container": "kube-apiserver-audit"}, "01234567"),
    ("/aws/eks/prod/cluster", f"authenticator-{HEX}", StreamKind.EKS,
     {"instance": HEX, "container": "authenticator"}, "01234567"),
    # machines
    ("/var/log/messages", "i-0123456789abcdef0", StreamKind.EC2,
     {"instance": "i-0123456789abcdef0"}, "i-01234567"),
    ("/var/log/messages", "i-1a2b3c4d", StreamKind.EC2, {"instance": "i-1a2b3c4d"}, "i-1a2b3c4d"),
    ("/web", "i-0123456789abcdef0/nginx/access.log", StreamKind.EC2,
     {"instance": "i-0123456789abcdef0", "container": "nginx/access.log", "part": "nginx/access.log"},
     "i-01234567 nginx/access.log"),
    ("/hybrid", "mi-0123456789abcdef0", StreamKind.EC2, {"instance": "mi-0123456789abcdef0"},
     "mi-0123456789abcdef0"),
]  # fmt: skip

LOOK_ALIKES = [
    ("", ""),
    ("/g", "one"),
    ("/g", "default"),
    ("/g", f"2025/13/05/[$LATEST]{HEX}"),
    ("/g", f"2025/02/29/[$LATEST]{HEX}"),
    ("/g", f"2025/11/05/[]{HEX}"),
    ("/g", "2025/11/05/[$LATEST]0001"),
    ("/g", f"2025/11/05/[$LATEST]{HEX}0"),
    ("/g", f"2025-11-05/[$LATEST]{HEX}"),
    (AGENT, "2025/11/05/[runtime-logs]not-an-id"),
    (AGENT, f"2025/11/32/[runtime-logs]{UUID}"),
    ("/g", f"web/{HEX}"),
    ("/g", "ecs/web/01234567"),
    ("/g", f"ecs/web/{HEX}/more"),
    ("/aws-glue/jobs/output", "jr_0123"),
    ("/aws-glue/jobs/output", f"{RUN}-unheard-of"),
    ("/g", UUID),
    ("/g", HEX),
    ("/g", "shop-db.0"),
    ("/vpc/flow", "eni-0a1b2c3d4e5f60718"),
    ("/vpc/flow", "eni-0a1b2c3d4e5f60718-some"),
    ("/trail", "12345_CloudTrail_eu-west-1"),
    ("/trail", "123456789012_CloudTrail_"),
    ("/eks", "kube.var.log.containers.cart.log"),
    ("/eks", "kube-apiserver-audit"),
    ("/g", "i-0123"),
    ("/g", "i-0123456789abcdef01"),
    ("/g", "states/orders/2025-11-31-10-30/1fd2a8b6"),
    ("/g", f"2025/11/05/[$LATEST]{HEX}\n"),
]


@pytest.mark.parametrize(("group", "name", "kind", "said", "short"), NAMES)
def test_a_name_says_what_its_service_put_into_it(
    group: str, name: str, kind: StreamKind, said: dict[str, str], short: str
) -> None:
    parsed = stream_name(name, group)
    assert parsed == StreamName(name, kind, **said)
    assert parsed.short == short


@pytest.mark.parametrize(("group", "name"), LOOK_ALIKES)
def test_a_name_that_only_looks_alike_stays_whole(group: str, name: str) -> None:
    assert stream_name(name, group) == StreamName(name)
    assert stream_name(name, group).short == name
    assert stream_name(name, group).what == ""


def test_a_kind_is_told_with_its_version_or_else_its_container() -> None:
    assert stream_name(f"2025/11/05/[12]{HEX}", "/aws/lambda/cart").what == "Lambda 12"
    assert stream_name(f"ecs/web/{HEX}").what == "ECS web"
    assert stream_name(RUN, "/aws-glue/jobs/logs-v2").what == "Glue"


def test_a_hostile_name_is_taken_apart_in_no_time() -> None:
    for part in ("a", "-", "/", "[", "jr_", "i-", "kube.var.log.containers.", f"{HEX}/", "_firelens-"):
        assert stream_name((part * 512)[:512], "/aws/rds/instance/x/y").name


def test_what_came_in_later_than_the_last_event_is_told_and_counts() -> None:
    fresh = LogStream("fresh", "/g", last_event=5_000_000, last_ingestion=5_000_500)
    stale = LogStream("stale", "/g", last_event=1_000_000, last_ingestion=9_000_000)
    empty = LogStream("empty", "/g")
    unread = LogStream("unread", "/g", last_ingestion=4_000_000)
    assert [lags(each) for each in (fresh, stale, empty, unread)] == [False, True, False, True]
    assert [each.name for each in by_activity([empty, unread, fresh, stale])] == [
        "stale",
        "fresh",
        "unread",
        "empty",
    ]
