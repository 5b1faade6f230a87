"""Accounts: made, given another password and closed by an admin, while the server runs."""

import gradio as gr

from pixel.review import Reviewer, ReviewError
from review_pages.people import ADMINS, EVERYONE, Desk
from review_pages.showing import notice, table
from review_pages.wiring import choice, on

HEAD = ("Name", "Role", "Credentials", "Specialities", "Open")


def build(desk: Desk, tab: gr.Tab) -> None:
    """Who has an account, and a form for one."""
    with gr.Accordion("Accounts", open=False):
        said = gr.HTML(elem_id="px-accounts-said")
        with gr.Row():
            name = gr.Textbox(label="Name to sign in with", max_length=64)
            password = gr.Textbox(label="Password (10 characters or more)", type="password", max_length=1000)
            role = choice(EVERYONE, value="reviewer", label="Role")
        with gr.Row():
            credentials = gr.Textbox(
                label="Credentials", placeholder="clinical psychologist, 12 years", max_length=300
            )
            areas = gr.Textbox(label="Specialities, with commas between", placeholder="grief, trauma", max_length=300)
        with gr.Row():
            add = gr.Button("Make the account", elem_id="px-account-add")
            renew = gr.Button("Set this password for that name", elem_id="px-account-password")
            close = gr.Button("Close the account of that name", elem_id="px-account-close")
        everybody = gr.HTML(elem_id="px-accounts")

    def list_accounts(person: Reviewer):
        return accounts_table(desk.store.reviewers())

    def add_account(person: Reviewer, name: str, password: str, role: str, credentials: str, areas: str):
        if role not in EVERYONE:
            raise ReviewError("There is no such role.")
        wanted = tuple(area.strip() for area in words(areas).split(",") if area.strip())
        desk.store.add_reviewer(words(name), words(password), role, words(credentials), wanted, by=person.name)
        return notice("The account is made. Tell the person the password in private."), "", list_accounts(person)

    def set_password(person: Reviewer, name: str, password: str):
        desk.store.set_password(words(name), words(password), by=person.name)
        desk.sign_out(name)
        return notice("The password is set, and sign-ins with the old one are over."), "", list_accounts(person)

    def close_account(person: Reviewer, name: str):
        desk.store.deactivate(words(name), by=person.name)
        desk.sign_out(name)
        return notice("The account is closed. What it rated stays."), "", list_accounts(person)

    filled, shown = (name, password, role, credentials, areas), [said, password, everybody]
    on(desk, tab.select, list_accounts, (), [everybody], roles=ADMINS)
    on(desk, add.click, add_account, filled, shown, roles=ADMINS)
    on(desk, renew.click, set_password, (name, password), shown, roles=ADMINS)
    on(desk, close.click, close_account, (name,), shown, roles=ADMINS)


def words(text: object) -> str:
    """
    A short text of the form.

    Raises:
        ReviewError: it is none, or longer than any name or password may be.
    """
    if not isinstance(text, str) or len(text) > 1000:
        raise ReviewError("One of the fields holds no text, or far too much.")
    return text


def accounts_table(people) -> str:
    """One line an account, closed ones too."""
    rows = [
        (one.name, one.role, one.credentials, ", ".join(one.specialities), "yes" if one.active else "closed")
        for one in people
    ]
    return table(HEAD, rows, "There are no accounts.")
