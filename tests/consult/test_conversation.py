"""Wang asks, Dr Zhao answers: one consultation over real sockets on a real server."""

import asyncio

from tests.consult.device import Session, browser, client_id, device, socket_of, texts
from tests.deployment import Server


async def test_wang_asks_and_dr_zhao_answers_live(server: Server) -> None:
    async with device(server, "wang") as wang, device(server, "zhao") as zhao:
        case = await wang.open("早上血压 168/95，有点头晕")
        await wang.follow(case)
        assert (await zhao.ask("consultation.claim", consultation=case))["type"] == "ack"
        await zhao.follow(case)
        said = await zhao.say(case, "您好，这几天吃药了吗？")
        assert said["type"] == "ack"
        assert said["receipt"]["sig"]
        await wang.reads(case, said["seq"])
        answered = await wang.say(case, "吃了，早晚各一片")
        heard = await zhao.reads(case, answered["seq"])
        assert texts(heard) == ["您好，这几天吃药了吗？", "吃了，早晚各一片"]
        assert heard == await wang.reads(case, answered["seq"])
        assert [event["kind"] for event in heard][:2] == ["consultation.opened", "consultation.claimed"]
        assert [event["seq"] for event in heard] == list(range(1, answered["seq"] + 1))


async def test_of_two_doctors_at_once_exactly_one_gets_the_case(server: Server) -> None:
    async with (
        browser(server, "wang") as page,
        socket_of(page) as wang,
        device(server, "zhao") as zhao,
        device(server, "qian") as qian,
    ):
        departments = await page.get("/api/departments")
        cardiology = next(row["id"] for row in departments if row["name"]["en"] == "Cardiology")
        case = await wang.open(department=cardiology)
        answers = await asyncio.gather(*(doctor.ask("consultation.claim", consultation=case) for doctor in (zhao, qian)))
        assert sorted(answer["type"] for answer in answers) == ["ack", "error"]
        assert [a["code"] for a in answers if a["type"] == "error"] == ["consultation.taken"]


async def test_the_same_client_id_is_stored_once_and_another_body_under_it_is_a_conflict(server: Server) -> None:
    async with device(server, "wang") as wang:
        case = await wang.open()
        id_ = client_id()
        first, again = await wang.say(case, "头还晕", id_), await wang.say(case, "头还晕", id_)
        assert (first["seq"], first["at"]) == (again["seq"], again["at"])
        other = await wang.say(case, "不晕了", id_)
        assert other["code"] == "client_id.conflict"
        await wang.follow(case)
        assert texts(await wang.reads(case, first["seq"])) == ["头还晕"]


async def test_fifty_at_once_with_every_one_repeated_are_fifty_in_order(server: Server) -> None:
    async with device(server, "wang") as wang:
        case = await wang.open()
        ids = [client_id() for _ in range(50)]
        for n, id_ in enumerate(ids):
            for _ in range(2):
                await wang.send("message.send", consultation=case, client_id=id_, text=f"第 {n} 句")
        await wang.follow(case)
        assert texts(await wang.reads(case, 51)) == [f"第 {n} 句" for n in range(50)]


async def test_after_a_reconnect_wang_resumes_from_her_cursor_without_a_gap(server: Server) -> None:
    async with device(server, "zhao") as zhao:
        async with device(server, "wang") as wang:
            case = await wang.open()
            await wang.follow(case)
            await zhao.ask("consultation.claim", consultation=case)
            seen = (await wang.reads(case, 2))[-1]["seq"]
        last = [await zhao.say(case, f"第 {n} 条") for n in range(5)][-1]["seq"]
        async with device(server, "wang") as wang:
            await wang.follow(case, since=seen)
            resumed = await wang.reads(case, last)
            assert [event["seq"] for event in resumed] == list(range(seen + 1, last + 1))


async def test_wang_sees_that_it_was_read_and_that_the_doctor_is_typing(server: Server) -> None:
    async with device(server, "wang") as wang, device(server, "zhao") as zhao:
        case = await wang.open()
        await zhao.ask("consultation.claim", consultation=case)
        await wang.follow(case)
        await zhao.follow(case)
        said = await wang.say(case, "在吗")
        await zhao.reads(case, said["seq"])
        await zhao.send("typing", consultation=case, on=True)
        await wang.until(lambda f: f["type"] == "typing" and f["on"], "typing")
        await zhao.ask("cursor.advance", consultation=case, read=said["seq"])
        cursors = await wang.until(lambda f: f["type"] == "cursors", "cursors")
        assert cursors["cursors"][0]["read"] == said["seq"]
        receipt = (await wang.reads(case, said["seq"] + 1))[-1]
        assert (receipt["kind"], receipt["body"]) == ("receipt.read", {"upto": said["seq"]})
        again = await zhao.ask("cursor.advance", consultation=case, read=said["seq"] + 1)
        assert "seq" not in again, "reading one's own receipt is no act"


async def test_a_closed_case_takes_no_message_until_it_is_reopened(server: Server) -> None:
    async with device(server, "wang") as wang, device(server, "zhao") as zhao:
        case = await wang.open()
        await zhao.ask("consultation.claim", consultation=case)
        summary = {
            "consultation": case,
            "client_id": client_id(),
            "summary": "血压稍高，继续观察",
            "advice": "每天早晚各量一次",
        }
        closed = await zhao.ask("consultation.close", **summary)
        assert (await zhao.ask("consultation.close", **summary))["seq"] == closed["seq"]
        assert (await wang.say(case, "还有一个问题"))["code"] == "consultation.closed_already"
        assert (await wang.ask("consultation.reopen", consultation=case, client_id=client_id(), reason="又头晕了"))[
            "type"
        ] == "ack"
        said = await wang.say(case, "还有一个问题")
        await wang.follow(case)
        kinds = [event["kind"] for event in await wang.reads(case, said["seq"])]
        assert kinds[-3:] == ["consultation.closed", "consultation.reopened", "message.posted"]


async def test_the_waiting_patient_knows_how_many_are_ahead(server: Server) -> None:
    async with (
        browser(server, "wang") as wang_page,
        browser(server, "li") as li_page,
        socket_of(wang_page) as wang,
        socket_of(li_page) as li,
    ):
        departments = await li_page.get("/api/departments")
        children = next(row["id"] for row in departments if row["name"]["en"] == "Paediatrics")
        first, second = await wang.open(department=children), await li.open("孩子发烧 38.6", department=children)

        async def ahead(page: Session, case: str) -> int:
            position: int = (await page.get(f"/api/consultations/{case}"))["position"]
            return position

        assert (await ahead(wang_page, first), await ahead(li_page, second)) == (0, 1)
        urgent = await li.open("孩子喘不上气", red_flags=["breathless"], department=children)
        assert (await ahead(li_page, urgent), await ahead(wang_page, first)) == (0, 1)


async def test_a_long_timeline_comes_whole_however_large_its_messages(server: Server) -> None:
    async with device(server, "wang") as wang:
        case = await wang.open()
        said = [await wang.say(case, f"{n}" + "长" * 7_900) for n in range(150)]  # 3.5 MB: more than a socket may have waiting
    async with device(server, "wang") as wang:
        await wang.follow(case)
        assert len(texts(await wang.reads(case, said[-1]["seq"]))) == 150


async def test_many_long_messages_at_once_do_not_look_like_a_slow_reader(server: Server) -> None:
    async with device(server, "wang") as wang, device(server, "li") as outsider:
        case = await wang.open()
        await wang.follow(case)
        for n in range(120):
            await wang.send("message.send", consultation=case, client_id=client_id(), text=f"{n}" + "长" * 7_900)
        assert len(texts(await wang.reads(case, 121))) == 120
        assert (await outsider.ask("ping"))["type"] == "pong"


async def test_a_claim_whose_answer_was_lost_can_be_repeated(server: Server) -> None:
    async with device(server, "wang") as wang, device(server, "zhao") as zhao:
        case = await wang.open()
        first, again = [await zhao.ask("consultation.claim", consultation=case) for _ in range(2)]
        assert (first["type"], first["seq"]) == (again["type"], again["seq"])


async def test_an_emergency_stands_first_in_the_queue_however_late(server: Server) -> None:
    async with device(server, "wang") as wang, browser(server, "zhao") as page:
        await wang.open("普通问题")
        urgent = await wang.open("胸口压着疼，出汗", red_flags=["chest_pain"])
        assert (await page.get("/api/queue"))["queued"][0]["id"] == urgent
