"""Performing one call: the stages of the pipeline, the commit, the trail, the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from kmstui.core.errors import (
    ExpiredTokenException,
    KmsError,
    NotTrainingError,
    SessionError,
    UnknownOperationException,
)
from kmstui.core.spec import Answer, OperationSpec
from kmstui.engine.core import Core, Use, internal
from kmstui.engine.pipeline import Plan, prepare, run
from kmstui.engine.session import Session
from kmstui.engine.shown import shown
from kmstui.engine.status import EngineEvent
from kmstui.keystore import Verification
from kmstui.ops.call import Call, Services
from kmstui.ops.standing import Standing
from kmstui.trail.event import api_event


class Dispatcher:
    """Performs calls on a core."""

    def __init__(self, core: Core, services: Services) -> None:
        self._core = core
        self._services = services

    def call(self, session: Session, operation: str, request: Mapping[str, Any]) -> Answer:
        """Perform one call; see :meth:`kmstui.engine.Engine.call`."""
        core = self._core
        plan = core.plans.get(operation)
        if plan is None:
            raise UnknownOperationException(f"There is no operation {operation}.")
        error: KmsError | None = None
        unverified: KmsError | None = None
        if not plan.spec.while_verifying and (
            core.keystore.verification is not Verification.VERIFIED
        ):
            unverified = self._wait_verified()
        answer: Answer | None = None
        with core.lock:
            standing = core.standings.get(session)
            if standing is None:
                raise SessionError("The session has ended.")
            call = self._begin(plan, standing, request)
            if standing.expires is not None and call.now >= standing.expires:
                del core.standings[session]
                raise ExpiredTokenException(
                    "The security token included in the request is expired"
                )
            try:
                answer = self._perform(plan, call, unverified)
                error = call.refused
            except KmsError as refused:
                error = refused
        if answer is None and error is None:
            answer, error = self._perform_apart(session, plan, call)
        if core.watched:
            core.publish(_event(call, error))
        if error is not None:
            raise error
        # One of the two is there: without an error a call has an answer.
        return {} if answer is None else answer

    def _perform_apart(
        self, session: Session, plan: Plan, call: Call
    ) -> tuple[Answer | None, KmsError | None]:
        """Do a call's long work without the lock, then the rest, if it is still allowed."""
        core, failure = self._core, _do_apart(plan.spec, call)
        with core.lock:
            if core.standings.get(session) is None:
                failure = SessionError("The session has ended.")
                core.require_trail().append(self._record(plan, call, error=failure))
                return None, failure
            try:
                return self._perform(plan, call, failure, again=True), call.refused
            except KmsError as refused:
                return None, refused

    def _wait_verified(self) -> KmsError | None:
        """Wait for verification; return what it found, for the call to be refused with."""
        try:
            self._core.wait_verified()
        except KmsError as error:
            return error
        return None

    def _begin(self, plan: Plan, standing: Standing, request: Mapping[str, Any]) -> Call:
        core = self._core
        ids = core.host.ids
        return Call(
            plan.spec,
            request,
            standing.caller,
            standing,
            self._services,
            core.now(),
            ids.uuid(),
            ids.uuid(),
        )

    def _perform(
        self, plan: Plan, call: Call, failure: KmsError | None, *, again: bool = False
    ) -> Answer | None:
        """Return the answer of a call, or nothing before work that is done without the lock."""
        core, spec = self._core, plan.spec
        trail = core.require_trail()
        try:
            if failure is not None and not again:
                _refuse(failure)
            if spec.training:
                _require_training(core, spec)
            prepare(plan, call, None if again else core.quotas.admit)
            if spec.apart is not None:
                if failure is not None:
                    _refuse(failure)
                if not again and spec.apart.wanted(call):
                    return None
            if spec.mutates:
                return self._change(plan, call)
            answer = run(plan, call)
        except KmsError as error:
            trail.append(self._record(plan, call, error=error))
            raise
        except Exception as error:
            failure = internal(error, call.request_id)
            trail.append(self._record(plan, call, error=failure))
            raise failure from error
        trail.append(self._record(plan, call, answer=answer))
        if spec.is_use:
            self._remember_use(call)
        return answer

    def _change(self, plan: Plan, call: Call) -> Answer:
        core, named = self._core, dict(call.keys)
        try:
            with core.keystore.begin() as changes:
                call.changes = changes
                answer = run(plan, call)
                record = self._record(plan, call, answer=answer, error=call.refused)
                core.commit(changes, call.event_id, record, call.events)
            if _changes_access(plan.spec):
                core.access.forget()
        except BaseException:
            # A key that was not created after all is no resource of the failed call.
            call.keys = named
            raise
        for act in call.afterwards:
            act()
        return answer

    def _remember_use(self, call: Call) -> None:
        # What Use(...) does, without the two calls that it takes.
        use = tuple.__new__(Use, (call.spec.name, call.now, call.event_id, call.request_id))
        usage = self._core.usage
        for key in call.keys.values():
            usage[key.arn] = use

    def _record(
        self,
        plan: Plan,
        call: Call,
        *,
        answer: Answer | None = None,
        error: KmsError | None = None,
    ) -> bytes:
        return api_event(
            call.standing.actor,
            plan.kind,
            event_id=call.event_id,
            request_id=call.request_id,
            when=call.now,
            request=_request(plan, call, refused=error is not None),
            response=None if answer is None or error is not None else _response(call, answer),
            resources=_resources(call),
            error=error,
            additional=call.extra or None,
        )


def _refuse(failure: KmsError) -> NoReturn:
    raise failure


def _do_apart(spec: OperationSpec, call: Call) -> KmsError | None:
    """Do a call's long work, and return what it failed with."""
    if spec.apart is None:
        return None
    try:
        call.made = spec.apart.work(call)
    except KmsError as refused:
        return refused
    except Exception as error:  # noqa: BLE001 - a fault of ours is an error of its own, as in a call
        return internal(error, call.request_id)
    return None


def _changes_access(spec: OperationSpec) -> bool:
    """Tell whether an operation may change principals or their policies."""
    return spec.service in {"iam", "kmstui"}


def _require_training(core: Core, spec: OperationSpec) -> None:
    if not core.keystore.head.training:
        raise NotTrainingError(f"{spec.name} exists in training keystores only.")


def _request(plan: Plan, call: Call, *, refused: bool) -> dict[str, Any]:
    """Return CloudTrail's requestParameters: allowed members, with the service's defaults."""
    result: dict[str, Any] = {}
    request = call.request
    for logged in plan.logged:
        name = logged.name
        value = request.get(name)
        if value is None:
            value = logged.default
        elif refused or logged.trimmed:
            value = shown(logged.member, value)
        if value is not None:
            result[name] = value
    return result


def _response(call: Call, answer: Answer) -> dict[str, Any] | None:
    """Return CloudTrail's responseElements.

    A change without an answer of its own shows the key it changed, as AWS has done since 2022.
    """
    spec = call.spec
    if not spec.logged_answer and not spec.mutates:
        return None
    shown = {name: answer[name] for name in spec.logged_answer if name in answer}
    if not shown and spec.mutates and "key" in call.keys:
        return {"KeyId": call.keys["key"].arn}
    return shown or None


def _resources(call: Call) -> tuple[str, ...]:
    """Return the aliases, then the source key, then the others; each once."""
    if not call.alias_arns and len(call.keys) == 1:
        (key,) = call.keys.values()
        return (key.arn,)
    return tuple(
        dict.fromkeys((*call.alias_arns.values(), *(key.arn for key in call.keys.values())))
    )


def _event(call: Call, error: KmsError | None) -> EngineEvent:
    return EngineEvent(
        "call", call.spec.full_name, "" if error is None else error.code, _resources(call)
    )
